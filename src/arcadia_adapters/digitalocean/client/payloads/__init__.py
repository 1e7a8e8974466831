"""DigitalOcean's objects as it writes them, one file a kind.

A payload names what we read and nothing else, so that no field that DigitalOcean adds can carry a secret in;
and no text that people write freely, such as a description.
Fields that a rule of ours needs are typed; those that are only recorded are `Json`, whatever they hold. What
has no default must be there: without it the object cannot be told from others.
"""
