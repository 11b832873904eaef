"""From a workflow file, and the files that it names, to a `Plannable`. No disk, no clock: texts come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.definition.building import checks, declared, measures
from engine.definition.building.attaching import ReadBytes, files_attached
from engine.definition.building.contacts import read_contacts
from engine.definition.building.names import Names
from engine.definition.building.namespace import check_counters, check_loops, check_namespace
from engine.definition.building.roster import read_parties
from engine.definition.building.steps import StepBuilder
from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr, Distance, Unit
from engine.definition.people import Contact, Party
from engine.definition.syntax.grammar import WORKFLOW
from engine.definition.syntax.reading import read_yaml
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults, Loaded, SourceFile, note_undecodable
from engine.definition.workflow import Plannable, Workflow

Read = Callable[[str], str]
_HORIZON = 400
_ASK_AHEAD = Distance(10, Unit.WORKING_DAYS)


def _nothing(name: str) -> bytes:
    raise FileNotFoundError(name)


def load(source: SourceFile, read: Read, environment: Mapping[str, str], read_bytes: ReadBytes = _nothing) -> Loaded:
    """Read a workflow with its roster and contacts. Raises BadInput with every fault of every file at once.

    `read` gives the text of a file named relative to the workflow file; it may raise FileNotFoundError (or another
    OSError) or UnicodeDecodeError. `read_bytes` gives what is in a file that letters carry, in the same way.
    `environment` gives what `${NAME}` stands for.
    """
    faults = Faults()
    document = read_yaml(source, environment, faults)
    got = WORKFLOW.read(document.root, faults) if document else None
    if document is None or got is None or not isinstance(got.value, Fields):
        faults.stop()
        raise AssertionError("a file that could not be read has a fault")
    root, files = got.value, _Files(source, read, faults)
    workflow = _workflow(root, faults)
    parties, contacts = _roster(root, workflow, files, faults)
    attached = files_attached(root, read_bytes, faults)
    faults.stop()
    plannable = Plannable(workflow, parties, contacts)
    return Loaded(plannable, source, files.texts, document.used, faults.warnings, attached)


def _workflow(root: Fields, faults: Faults) -> Workflow:
    check_namespace(root, faults)
    names = Names(declared.declare(root, faults), faults)
    declared.check_settings(root, names)
    sets = declared.party_sets(names)
    values = _values(names)
    check_loops(names, {name: found.who for name, found in sets.items()})
    roles, owner = declared.roles(root), root.text("owner")
    steps = {name: StepBuilder(name, fields, names, owner).build() for name, fields in names.declared.steps.items()}
    check_counters(names, steps)
    country, subdivision = declared.working_days(root, faults)
    contacts = root.text("contacts")
    workflow = Workflow(
        name=root.text("workflow"), title=root.text("title"), timezone=root.text("timezone", "UTC"),
        send_at=declared.send_at(root), owner=owner, country=country, subdivision=subdivision,
        quiet=declared.quiet_days(root),
        source=root.text("source"), starts=names.date(root, "starts"), ends=names.date(root, "ends"),
        horizon=root.get("horizon", int) or _HORIZON,
        ask_ahead=root.get("ask_ahead", Distance) or _ASK_AHEAD,
        cycle=declared.cycle(root, faults), contacts_file=SourceFile(root.place().file, "").beside(contacts) if contacts else "",
        address=declared.address_rule(root), anchors=names.declared.anchors, attributes=names.declared.attributes,
        settings=names.declared.settings, facts=names.declared.facts, values=values, sets=sets, roles=roles,
        steps=steps, objectives=measures.objectives(root, names), outputs=measures.outputs(root, names),
        budget=measures.budget(root, names), ours=measures.ours(root, "workflow", faults),
        labels=declared.labels(root), language=root.text("language"), titles=declared.titles(root),
    )  # fmt: skip
    checks.check_ends(root, workflow, faults)
    return workflow


def _values(names: Names) -> dict[str, DateExpr | Condition]:
    found: dict[str, DateExpr | Condition] = {}
    for name, fields in names.declared.values.items():
        if fields.kind == "value_is":
            found[name] = names.value(name)
        elif (expr := names.date(fields, "date", party=True, cycle=names.declared.cyclic)) is not None:
            found[name] = expr
    return found


@dataclass(slots=True)
class _Files:
    """The files that the workflow names, read once each."""

    source: SourceFile
    read: Read
    faults: Faults
    texts: dict[str, str] = field(default_factory=dict)

    def get(self, root: Fields, key: str) -> SourceFile | None:
        """The file that a key names; None, with a fault on record, when it cannot be read."""
        name = root.get(key, str)
        if name is None:
            return None
        path = self.source.beside(name)
        try:
            self.texts[name] = self.read(name)
        except UnicodeDecodeError as error:
            note_undecodable(self.faults, path, error)
        except OSError as error:
            why = "" if isinstance(error, FileNotFoundError) else f": {error.strerror}"
            message = f"the file “{path}” cannot be read{why}"
            self.faults.add(root.place(key), message, "The name is relative to this file.")
        else:
            return SourceFile(path, self.texts[name])
        return None


def _roster(
    root: Fields, workflow: Workflow, files: _Files, faults: Faults
) -> tuple[Mapping[str, Party], tuple[Contact, ...]]:
    parties_file, contacts_file = files.get(root, "parties"), files.get(root, "contacts")
    parties, all_parties = read_parties(parties_file, workflow, faults) if parties_file else ({}, False)
    if "contacts" in root and "parties" not in root:
        faults.add(root.place("contacts"), "contacts need parties", "Add the key “parties”.")
    roles = checks.RoleBook(root, faults)
    checks.check_roles(root, roles)
    contacts: Mapping[str, Contact] = {}
    all_contacts = "contacts" not in root
    if contacts_file:
        known = parties if all_parties else None
        contacts, all_contacts = read_contacts(contacts_file, known, workflow, roles.names, faults)
    if all_contacts:
        posts = dict.fromkeys(contact.post for contact in contacts.values())
        checks.check_address(root, roles, posts, faults)
    return parties, tuple(contacts.values())
