"""Tokens that Envoy's own filter verifies, and sites with other filters before the plugin."""

import base64
import hashlib
import hmac
import json

from .site import ENVOY

SECRET = b"a secret of thirty-two bytes or more"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(claims):
    body = b".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (body + b"." + encoded(hmac.digest(SECRET, body, hashlib.sha256))).decode()


def jwt_filter(key):
    keys = {"keys": [{"kty": "oct", "alg": "HS256", "k": encoded(SECRET).decode()}]}
    provider = {"issuer": "me", "local_jwks": {"inline_string": json.dumps(keys)}, "payload_in_metadata": key}
    optional = {"requires_any": {"requirements": [{"provider_name": "own"}, {"allow_missing": {}}]}}
    config = {"@type": ENVOY + "extensions.filters.http.jwt_authn.v3.JwtAuthentication", "providers": {"own": provider},
              "rules": [{"match": {"prefix": "/"}, "requires": optional}]}
    return {"name": "envoy.filters.http.jwt_authn", "typed_config": config}


def behind(proxy, config, *filters):
    """A site with other filters before the plugin."""
    site = proxy.site(config)
    manager = site.resource()["filter_chains"][0]["filters"][0]["typed_config"]
    site.manager = {"http_filters": [*filters, *manager["http_filters"]]}
    return proxy.add(site)
