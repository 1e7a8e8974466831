"""Acts on the inventory, usage and the bills of the cloud provider."""
