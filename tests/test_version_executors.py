"""What is made of a version does not depend on whether threads or processes make it."""

from concurrent.futures import Executor
from pathlib import Path

import pytest
from patching import NOW, labelled, make, publish
from released import freeze, mixed_workspace

from curate.executors import local_processes, local_threads
from curate.manifest import verify_version
from curate.version import export_version
from curate.version.patch import apply_patch, export_patch
from curate.workspace import Workspace


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = mixed_workspace(tmp_path_factory.mktemp("mixed"))
    freeze(workspace)
    return workspace


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_exports_checks_and_arrays(mixed: Workspace, tmp_path: Path) -> None:
    version = mixed.version("v1")

    def outcome(executor: Executor, folder: Path) -> list[object]:
        for form in ("image-folder", "hf-parquet"):
            export_version(version, folder / form, to=form, executor=executor)
        checked = verify_version(mixed.manifests, "v1", state=mixed.state, executor=executor)
        return [files_in(folder), checked, version.pictures(executor=executor)[0].tobytes()]

    with local_threads(2) as threads, local_processes(2) as processes:
        assert outcome(threads, tmp_path / "threads") == outcome(processes, tmp_path / "processes")


def test_patches(tmp_path: Path) -> None:
    workspace = publish(tmp_path)
    with local_processes(2) as processes:
        export_patch(workspace, "v1", tmp_path / "again.patch", executor=processes)
        assert (tmp_path / "again.patch").read_bytes() == (tmp_path / "v1.patch").read_bytes()
        results = []
        for name, executor in (("threads", None), ("processes", processes)):
            other = make(tmp_path / name, labelled(suffix="jpg"))
            results.append(apply_patch(other, tmp_path / "v1.patch", applied=NOW, executor=executor))
    assert results[0].report == results[1].report
    assert results[0].report.re_encoded > 0
    assert results[0].outcomes.to_csv() == results[1].outcomes.to_csv()
