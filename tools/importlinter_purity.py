"""An import contract: rooms that compute, and packages that stand alone, import little."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from grimp import ImportGraph


class RoomImportsContract(Contract):
    """Named rooms of the packages import none of the forbidden modules themselves.

    Attributes:
        packages: The domain packages.
        rooms: Names of the rooms in them, files or folders.
        forbidden: Modules, ours or others', with all that lies below them.
    """

    packages: Any = fields.ListField(subfield=fields.StringField())
    rooms: Any = fields.ListField(subfield=fields.StringField())
    forbidden: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001  # import-linter's signature
        """Find every import of what is forbidden there."""
        found = [
            (importer, module)
            for importer in sorted(graph.modules)
            if importer.split(".")[0] in self.packages
            and len(importer.split(".")) > 1
            and importer.split(".")[1].split("_")[0] in self.rooms
            for module in sorted(graph.find_modules_directly_imported_by(importer))
            if any(f"{module}.".startswith(f"{name}.") for name in self.forbidden)
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import."""
        for importer, module in check.metadata["found"]:
            output.print_error(f"{importer} -> {module} has no place in that room", bold=False)


class OnlyContract(Contract):
    """A package imports itself, the standard library, and what is allowed by name; no more.

    Attributes:
        source: The package.
        allowed: Other packages that it may import.
    """

    source: Any = fields.StringField()
    allowed: Any = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001  # import-linter's signature
        """Find every import of anything else."""
        allowed = {self.source, *(self.allowed or []), *sys.stdlib_module_names}
        found = [
            (importer, module)
            for importer in sorted({self.source, *graph.find_descendants(self.source)})
            for module in sorted(graph.find_modules_directly_imported_by(importer))
            if module.split(".")[0] not in allowed
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import."""
        for importer, module in check.metadata["found"]:
            output.print_error(f"{importer} -> {module} is not allowed there", bold=False)


class SoleImporterContract(Contract):
    """A library is imported in one place only.

    Attributes:
        places: `library = package`; the library may not exist in the graph.
    """

    places: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001  # import-linter's signature
        """Find every import from elsewhere."""
        found = [
            (importer, library)
            for library, place in (line.replace(" ", "").split("=") for line in self.places)
            if library in graph.modules
            for importer in sorted(graph.find_modules_that_directly_import(library))
            if not any(f"{importer}.".startswith(f"{home}.") for home in place.split("|"))
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import."""
        for importer, module in check.metadata["found"]:
            output.print_error(f"{importer} -> {module}: ask its one importer", bold=False)
