"""A running Envoy with sites that come and go: static, by LDS, their plugins inline or by ECDS.

A push waits for Envoy's verdict on it. Workers take a new configuration over a moment later:
`wait_for` an answer that shows it.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

from .bootstrap import bootstrap
from .plugin import Plugin
from .ports import free_port
from .process import Process, validate
from .site import Site
from .waiting import wait_for


class Rejected(Exception):
    """Envoy refused a configuration; the text is what it logged meanwhile."""


class Proxy:
    def __init__(self, folder, upstream, static=(), services=(), **options):
        """`options` are those of Process; `static` are sites of `site()`; `services` of bootstrap."""
        self.folder, self.upstream, self.options = Path(folder), upstream, options
        self.lds = self.folder / "lds.json"
        self.static, self.sites, self.version = list(static), {}, 0
        self.services = list(services)
        self.relay_port, self.down_port = free_port(), free_port()
        self.process = None

    # Life

    def start(self):
        self.write_lds()
        for site in self.static:
            self.write_ecds(site)
        self.process = Process(self.folder, self.config(), **self.options)
        return self

    def validate(self):
        """Exit status and log of `envoy --mode validate` for the static sites."""
        self.write_lds()
        return validate(self.folder, self.config())

    def stop(self):
        if self.process:
            self.process.stop()

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        self.stop()

    def config(self):
        ports = self.upstream.port, self.relay_port, self.down_port
        return bootstrap(self.static, *ports, str(self.lds), self.services)

    # What it says

    @property
    def log(self):
        return self.process.log

    def stats(self, prefix=""):
        return self.process.admin.stats(prefix)

    def memory(self):
        return self.process.memory()

    def healthy(self):
        return self.process.alive() and not self.log.traps()

    # Sites

    def site(self, *plugins, delivery="inline", access_log=False, manager=None, chain=None):
        """A new site, not yet served. Plugins: Plugin, or the text of a pluginConfig."""
        port = free_port()
        name = f"site{port}"
        rows = [given(plugin, f"{name}_{i}") for i, plugin in enumerate(plugins)]
        log = str(self.folder / f"{name}.access") if access_log else ""
        return Site(name, port, rows, delivery, str(self.folder), log, manager or {}, chain or {})

    def serve(self, *plugins, **options):
        """A new site by LDS. Raises Rejected."""
        return self.add(self.site(*plugins, **options))

    def add(self, *sites):
        """Sites by LDS, in one update. Gives the last."""
        before = dict(self.sites)
        for site in sites:
            self.write_ecds(site)
            self.sites[site.name] = site
        self.settle(before)
        wait_for(lambda: not self.warming(), "end of warming")
        return sites[-1]

    def update(self, site, config, plugin=0):
        """Another configuration for one plugin of a site, on the way it came. Raises Rejected."""
        rows = list(site.plugins)
        rows[plugin] = replace(rows[plugin], config=config)
        fresh = replace(site, plugins=rows)
        if site.delivery == "ecds":
            self.update_ecds(fresh, rows[plugin])
        else:
            self.add(fresh)
        site.plugins = rows
        return site

    def remove(self, *sites):
        before = dict(self.sites)
        for site in sites:
            self.sites.pop(site.name, None)
        if self.sites != before:
            self.settle(before)

    def settle(self, before):
        """Writes the listeners and waits for the verdict; the old ones are written after a no."""
        mark, seen = self.log.mark(), self.lds_verdicts()
        self.write_lds()
        verdict = wait_for(lambda: changed(seen, self.lds_verdicts()), "verdict on LDS", 20.0)
        if verdict == "yes":
            return
        refusal = Rejected(self.log.since(mark))
        self.sites, seen = before, self.lds_verdicts()
        self.write_lds()
        wait_for(lambda: changed(seen, self.lds_verdicts()), "verdict on LDS", 20.0)
        raise refusal

    def update_ecds(self, site, plugin):
        def verdicts():
            return self.ecds_verdicts(site.ecds_name(plugin))

        mark, seen = self.log.mark(), verdicts()
        self.write(Path(site.ecds_path(plugin)), [site.ecds_resource(plugin)])
        verdict = wait_for(lambda: changed(seen, verdicts()), "verdict on ECDS", 20.0)
        if verdict == "no":
            raise Rejected(self.log.since(mark))

    def warming(self):
        return self.stats("listener_manager.total_listeners_warming").popitem()[1]

    def lds_verdicts(self):
        return self.verdicts("listener_manager.lds.")

    def ecds_verdicts(self, name):
        return self.verdicts(f"extension_config_discovery.http_filter.{name}.")

    def verdicts(self, prefix):
        """How many updates were accepted and how many refused."""
        stats = self.stats(prefix + "update_")
        return stats.get(prefix + "update_success", 0), stats.get(prefix + "update_rejected", 0)

    # Files, replaced by rename: Envoy sees nothing else

    def write_lds(self):
        self.write(self.lds, [site.lds_resource() for site in self.sites.values()])

    def write_ecds(self, site):
        if site.delivery == "ecds":
            for plugin in site.plugins:
                self.write(Path(site.ecds_path(plugin)), [site.ecds_resource(plugin)])

    def write(self, path, resources):
        self.version += 1
        text = json.dumps({"version_info": str(self.version), "resources": resources})
        fresh = path.with_suffix(".fresh")
        fresh.write_text(text)
        os.rename(fresh, path)


def given(plugin, name):
    """A plugin with a name of its own: names are namespaces, and sites must not share limiters."""
    if not isinstance(plugin, Plugin):
        return Plugin(plugin, name)
    return replace(plugin, name=name) if plugin.name == "weir" else plugin


def changed(before, now):
    """"yes", "no" or None by counters of accepted and refused."""
    if now[1] > before[1]:
        return "no"
    return "yes" if now[0] > before[0] else None
