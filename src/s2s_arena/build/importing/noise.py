"""A folder of background noise: one subfolder a scene, such as cafe/ or street/."""

from collections.abc import Callable, Iterable
from pathlib import Path

from s2s_arena.build.importing.folder import id_from_path
from s2s_arena.build.importing.locating import audio_files
from s2s_arena.build.importing.rows import Clip, Level, Row, Source
from s2s_arena.build.importing.taxonomies import slug
from s2s_arena.build.scenes import SCENES
from s2s_arena.errors import SuiteError
from s2s_arena.records.scores import PURPOSES

KIND = "noise"
"""Value of a sample's attribute `kind` that says it is a background and asks nothing."""


def read_noise(folder: Path) -> Source:
    """One background a clip; the folder above it names the scene.

    Raises:
        SuiteError: No audio file is in the folder.
    """
    return source(
        folder,
        audio_files(folder),
        lambda path: slug(path.parent.name) if path.parent != folder else "",
        form="noise",
    )


def source(
    folder: Path,
    clips: Iterable[Path],
    scene_of: Callable[[Path], str],
    *,
    form: str,
    title: str = "",
    licence: str = "",
) -> Source:
    """Rows of background noise.

    Args:
        folder: Of the collection.
        clips: In order.
        scene_of: The scene of a clip, "" where it has none: such a clip is a problem.
        form: Name of the format.
        title: Of the collection.
        licence: Of the collection.

    Raises:
        SuiteError: There is no clip.
    """
    rows, problems = [], []
    for clip in clips:
        inside = clip.relative_to(folder)
        scene = scene_of(clip)
        if not scene:
            problems.append(f"{inside}: its scene is not known; put it into a folder such as {', '.join(SCENES)}")
            continue
        rows.append(
            Row(
                where=str(inside),
                id=f"{form}-{id_from_path(inside.with_suffix(''))}",
                audio=Clip(name=str(inside), content=clip, path=str(inside)),
                labels={KIND: scene},
                attributes={"kind": KIND},
            )
        )
    if not rows and not problems:
        raise SuiteError(f"{folder}: no noise clip in it that format {form} knows; give the collection's own folder")
    return Source(
        rows=tuple(rows),
        problems=tuple(problems),
        form=form,
        title=title,
        licence=licence,
        consent=PURPOSES if licence else None,
        level=Level.FORMAT,
    )
