"""An outbox with many letters that are all due on one morning."""

from __future__ import annotations

from pathlib import Path

from engine.app.catalog import Catalog
from engine.app.letters.golive import LIVE
from engine.app.plans.apply import apply
from engine.app.root import App
from engine.clock import ManualClock
from engine.settings import Configuration, Settings
from tests.support import moment

LOAD = "load"
_PLAN = """
workflow: load
title: Many letters on one morning
timezone: UTC
send_at: 09:00
starts: 2018-03-01
owner: office
parties: parties.csv
contacts: contacts.csv
address: {to: [office]}
attributes: {region: {type: text}}
facts: {answer: {type: date}}
roles: {office: {title: Office, email: office@example.org}}
steps:
  ask: {follow_up: Answers, by: 2018-03-29, until: answer, send: [on the day], letter: nudge, approval: none}
"""


def outbox_of(folder: Path, letters: int, database: str = "", *, live: bool = False) -> Path:
    """An installation with a letter to each of many parties, all due on 29 March 2018 at 09:00 UTC. Returns its home.

    `live`: what is due may leave by SMTP.
    """
    plans = folder / "plans"
    plans.mkdir()
    (plans / "load.yaml").write_text(_PLAN)
    ids = [f"P{number:04}" for number in range(letters)]
    (plans / "parties.csv").write_text("iso,name,region\n" + "".join(f"{i},Party {i},here\n" for i in ids))
    contacts = "".join(f"c{i.lower()},{i},office,Office of {i},{i.lower()}@party.example,en\n" for i in ids)
    (plans / "contacts.csv").write_text("id,party,post,name,address,language\n" + contacts)
    settings = Settings(home=folder / "home", database_url=database)
    with App(Configuration(settings, {}), ManualClock(moment("2018-03-28", "UTC")), durable=False) as app:
        app.catalog = Catalog({}, workflows=plans)
        apply(app, LOAD, "tester", yes=True)
        if live:
            with app.store.write() as tx:
                tx.meta_set(LIVE, moment("2018-03-28", "UTC").isoformat())
    return settings.home
