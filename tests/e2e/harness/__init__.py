"""What the end-to-end tests share: a real Envoy, a recording upstream, clients, load."""
