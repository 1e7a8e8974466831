"""What the rules ask of the outside, as Protocols named by role: one file a room. Adapters implement them."""
