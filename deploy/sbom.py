#!/usr/bin/env python3
"""Writes a software bill of materials (CycloneDX 1.5, JSON) of the server or the client, from the lock files of its projects.

    deploy/sbom.py [src/Server | src/Cli] > sbom.json

The lock files name every package with its version and hash, and `dotnet restore --locked-mode` restores exactly those, so nothing
needs to be built or downloaded.
"""
import base64
import json
import pathlib
import re
import sys
import uuid
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent


def projects(project):
    """A project and those it refers to."""
    found = [project]
    for file in project.glob("*.csproj"):
        for reference in xml.parse(file).iter("ProjectReference"):
            path = (project / reference.get("Include").replace("\\", "/")).resolve().parent
            found += [other for other in projects(path) if other not in found]
    return found


def packages(project):
    """Name, version and SHA-512 of every package that a project restores."""
    lock = project / "packages.lock.json"
    for target in json.loads(lock.read_text())["dependencies"].values() if lock.exists() else []:
        for name, entry in target.items():
            if entry["type"] != "Project":
                yield name, entry["resolved"], entry.get("contentHash", "")


def component(name, version, digest):
    found = {
        "type": "library",
        "bom-ref": f"pkg:nuget/{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:nuget/{name}@{version}",
    }
    if digest:
        found["hashes"] = [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}]
    return found


def main():
    project = (ROOT / (sys.argv[1] if len(sys.argv) > 1 else "src/Server")).resolve()
    if not (project / "packages.lock.json").exists():
        sys.exit(f"{project} has no packages.lock.json")
    version = re.search(r"<Version>(.*?)</Version>", (ROOT / "Directory.Build.props").read_text()).group(1)
    found = sorted({package for one in projects(project) for package in packages(one)}, key=lambda package: package[0].lower())
    name = f"Halley.{project.name}"
    # The same packages give the same document, so that two builds can be compared.
    serial = uuid.uuid5(uuid.NAMESPACE_URL, name + version + repr(found))
    json.dump(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "serialNumber": f"urn:uuid:{serial}",
            "version": 1,
            "metadata": {"component": {"type": "application", "bom-ref": name, "name": name, "version": version}},
            "components": [component(*package) for package in found],
            "dependencies": [{"ref": name, "dependsOn": [f"pkg:nuget/{one[0]}@{one[1]}" for one in found]}],
        },
        sys.stdout,
        indent=2,
    )
    print()


if __name__ == "__main__":
    main()
