"""Whether a path lies on a network disk, where SQLite's locks do not hold and databases get damaged."""

from pathlib import Path

from s2s_arena.errors import WorkspaceError

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "davfs", "ncpfs", "coda"}
)
_MOUNTS = Path("/proc/self/mountinfo")


def filesystem(path: Path, *, mounts: str) -> str:
    """Type of the file system that holds a path; "" if unknown.

    Args:
        path: Absolute, without links; need not exist.
        mounts: Content of /proc/self/mountinfo (see proc(5)).
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) < 5 or not right:
            continue
        mount = Path(fields[4].encode().decode("unicode_escape"))
        # A later mount on the same point hides the earlier one, so equal lengths replace.
        if path.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), right.split()[0]
    return kind


def refuse_network_disk(path: Path, *, mounts: str | None = None) -> None:
    """Check that SQLite may be used there; where mounts are not told (no /proc) nothing is known and nothing refused.

    Raises:
        WorkspaceError: The path lies on a network disk.
    """
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text()
        except OSError:
            return
    kind = filesystem(path.resolve(), mounts=mounts)
    if kind in _NETWORK:
        raise WorkspaceError(
            f"{path}: lies on a network disk ({kind}), where SQLite loses data; use a local folder or a PostgreSQL URL"
        )
