"""A sync of droplets: ours is sync_inventory through the client, the floor fetches and decodes alone."""
