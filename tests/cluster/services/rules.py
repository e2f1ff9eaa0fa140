"""Rules with one cluster limiter, `api`, by the header x-user."""

from harness.client import ask
from harness.plugin import weir

BY_USER = 'by request.headers["x-user"]  on_absent deny'
REFUSED = b"slow down"


def service(cluster="ratelimit", domain="weir", timeout="2s"):
    return f'service rls {{ kind rls  cluster "{cluster}"  domain "{domain}"  timeout {timeout} }}\n'


def limiter(name="api", rate="3 per 1d", by=BY_USER, options="headers none"):
    return f"limiter {name} {{ {rate}  {by}  scope cluster(rls)  {options} }}\n"


def rule(cost="", limiter="api", when="", name="r"):
    return f'rule {name} {when} {{ limit {limiter} {cost} else deny 429 body "slow down" }}\n'


def limited(rate="3 per 1d", on_error="deny", **of_service):
    """The pluginConfig of the common case; `on_error` None: the default."""
    options = "headers none" + (f"  on_error {on_error}" if on_error else "")
    return weir(service(**of_service) + limiter(rate=rate, options=options) + rule())


def statuses(site, count, user="a", path="/direct", **more):
    return [ask(site.port, path, headers=[("x-user", user)], **more).status for _ in range(count)]
