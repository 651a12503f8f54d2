"""SQLite is refused on network disks."""

from pathlib import Path

import pytest

from s2s_arena.errors import WorkspaceError
from s2s_arena.store.disks import filesystem, refuse_network_disk

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /home rw,relatime shared:1 - nfs4 server:/home rw
31 30 254:1 / /home/ann/local\\040disk rw - xfs /dev/vdb rw
32 22 0:50 / /mnt/share rw - fuse.sshfs who@server: rw
33 22 0:51 / /mnt/share2 rw - ext4 /dev/vdc rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/arena", "ext4"),
        ("/home/ann/arena", "nfs4"),
        ("/home/ann/local disk/arena", "xfs"),
        ("/mnt/share/x", "fuse.sshfs"),
        ("/mnt/share2/x", "ext4"),
        ("/home", "nfs4"),
    ],
)
def test_the_innermost_mount_holds_a_path(path, kind):
    assert filesystem(Path(path), mounts=MOUNTS) == kind


def test_a_network_disk_is_refused_with_a_remedy():
    with pytest.raises(WorkspaceError, match=r"/home/bob/arena\.db: lies on a network disk \(nfs4\).*local folder"):
        refuse_network_disk(Path("/home/bob/arena.db"), mounts=MOUNTS)
    refuse_network_disk(Path("/var/arena.db"), mounts=MOUNTS)


def test_where_nothing_is_known_nothing_is_refused():
    refuse_network_disk(Path("/anywhere"), mounts="")
    assert filesystem(Path("/x"), mounts="garbage\n1 2 3 - \n") == ""
