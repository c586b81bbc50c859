"""Unpacks some files of an archive: unpack.py ARCHIVE FOLDER PREFIX PATTERN...

A pattern names files by shell wildcards (`*` crosses slashes); one that begins with `!` leaves files out again. PREFIX is cut off
from the names. Every other pattern must match. Content is copied in pieces, never held whole.
"""

import fnmatch
import os
import shutil
import sys
import tarfile
import zipfile


def wanted(name, patterns):
    takes = [p for p in patterns if not p.startswith("!") and fnmatch.fnmatchcase(name, p)]
    drops = [p for p in patterns if p.startswith("!") and fnmatch.fnmatchcase(name, p[1:])]
    return [] if drops else takes


def files(path):
    """Name of each file of a zip or a tar, and how to open it."""
    if zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        for one in archive.infolist():
            if not one.is_dir():
                yield one.filename, lambda one=one: archive.open(one)
    else:
        archive = tarfile.open(path)
        for one in archive:
            if one.isfile():
                yield one.name, lambda one=one: archive.extractfile(one)


def main(path, folder, prefix, *patterns):
    missing = {p for p in patterns if not p.startswith("!")}
    root = os.path.realpath(folder)
    for name, content in files(path):
        takes = wanted(name, patterns)
        if not takes:
            continue
        missing.difference_update(takes)
        target = os.path.realpath(os.path.join(root, name[len(prefix):] if name.startswith(prefix) else name))
        if not target.startswith(root + os.sep):
            sys.exit("%s leads out of the folder" % name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with content() as source, open(target, "wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    if missing:
        sys.exit("no file is named %s" % ", ".join(sorted(missing)))


try:
    main(*sys.argv[1:])
except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
    sys.exit(str(error))
