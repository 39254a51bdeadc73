import pytest

from fraud.files import write_atomically


def write_half(path, *, is_folder):
    with write_atomically(path) as part:
        if is_folder:
            part.mkdir()
        else:
            part.write_text("half")
        raise RuntimeError


def test_a_file_is_replaced_when_it_is_complete(tmp_path):
    path = tmp_path / "new" / "report.json"
    for content in ("first", "second"):
        with write_atomically(path) as part:
            part.write_text(content)
            assert not path.exists() or path.read_text() == "first"
    assert path.read_text() == "second"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "bundle"
    for name in ("old.txt", "new.txt"):
        with write_atomically(folder) as part:
            part.mkdir()
            (part / name).write_text(name)
    assert [file.name for file in folder.iterdir()] == ["new.txt"]
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("is_folder", [False, True])
def test_an_error_leaves_what_was_there(tmp_path, is_folder):
    path = tmp_path / "report.json"
    path.write_text("old")
    with pytest.raises(RuntimeError):
        write_half(path, is_folder=is_folder)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_part_keeps_its_suffix_and_is_hidden(tmp_path):
    with write_atomically(tmp_path / "X.npy") as part:
        assert (part.suffix, part.name[0]) == (".npy", ".")
        part.touch()
