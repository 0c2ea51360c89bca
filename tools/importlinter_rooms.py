"""An import contract: in every domain package, a room imports only the rooms to its right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grimp import ImportGraph

# Where a module stands whose name says no room is part of the finding, not of the order.
_UNKNOWN: Final = "stands in no room; name it by one, or say in pyproject.toml which it belongs to"


class RoomsContract(Contract):
    """A module belongs to the room that the first word of its name says (`cli_edi` to `cli`).

    Attributes:
        packages: The domain packages.
        order: Tiers of rooms from left to right; rooms of one tier don't import each other.
        belongs: `package.module = room`, for modules whose name is not a room's.
    """

    packages: Any = fields.ListField(subfield=fields.StringField())
    order: Any = fields.ListField(subfield=fields.StringField())
    belongs: Any = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001  # import-linter's signature
        """Find every import that goes to the left or sideways, and every module without a room."""
        tiers = {room: place for place, tier in enumerate(self.order) for room in tier.split()}
        belongs = dict(line.replace(" ", "").split("=") for line in self.belongs or [])
        inside = {
            module
            for package in self.packages
            for module in graph.find_descendants(package)
            if len(module.split(".")) > 1
        }
        rooms = {module: _find_room(module, tiers, belongs) for module in inside}
        stray = sorted({f"{m} {_UNKNOWN}" for m, room in rooms.items() if room is None})
        wrong = [
            f"{importer} ({rooms[importer]}) -> {module} ({rooms[module]})"
            for importer in sorted(inside)
            for module in sorted(graph.find_modules_directly_imported_by(importer) & inside)
            if importer.split(".")[0] == module.split(".")[0]
            and not _may_import(rooms[importer], rooms[module], tiers)
        ]
        return ContractCheck(kept=not (stray or wrong), metadata={"found": stray + wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each wrong import."""
        for line in check.metadata["found"]:
            output.print_error(line, bold=False)


def _find_room(module: str, tiers: Mapping[str, int], belongs: Mapping[str, str]) -> str | None:
    package, name = module.split(".")[:2]
    room = belongs.get(f"{package}.{name}") or name.split("_")[0]
    return room if room in tiers else None


def _may_import(importer: str | None, module: str | None, tiers: Mapping[str, int]) -> bool:
    if importer is None or module is None or importer == module:
        return True  # no room: said once already
    return tiers[importer] < tiers[module]
