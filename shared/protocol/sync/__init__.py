"""The sync interfaces of joint operation, in both versions."""
