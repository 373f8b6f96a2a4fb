"""The command line: help, versions and tables on stdout, and what is not understood told with the nearest word."""
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

BASHU = os.environ.get("BASHU")
ROOT = Path(os.environ.get("BASHU_SOURCE", Path(__file__).resolve().parents[2]))
CASE = ROOT / "tests/cases/tiny.yaml"
COMMANDS = ("check", "prepare", "run", "scenario", "adjoint", "report", "evaluate", "options", "bench", "version")
DONE, USAGE = 0, 2
WIDTH = 140  # columns of help that a person reads

pytestmark = pytest.mark.skipif(not BASHU, reason="BASHU does not name the program")


def bashu(*words, cwd=None):
    return subprocess.run([BASHU, *map(str, words)], capture_output=True, text=True, check=False, timeout=120, cwd=cwd)


def refused(*words, told):
    done = bashu(*words)
    assert done.returncode == USAGE and not done.stdout, done
    for word in told:
        assert word in done.stderr, done.stderr
    return done


# ---- help ----

@pytest.mark.parametrize("flag", ["--help", "-h", "help"])
def test_help_lists_the_commands(flag):
    done = bashu(flag)
    assert done.returncode == DONE and not done.stderr
    assert re.findall(r"^  (\w+)  ", done.stdout, re.M) == list(COMMANDS)
    assert "Exit status: 0 done, 1 the run failed, 2 bad input or usage" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_of_each_command(command, flag):
    done = bashu(command, flag)
    assert done.returncode == DONE and not done.stderr
    assert done.stdout.startswith(f"usage: bashu {command}")
    assert len(done.stdout.splitlines()) >= 3 and max(map(len, done.stdout.splitlines())) <= WIDTH


@pytest.mark.parametrize("command", COMMANDS)
def test_options_in_the_synopsis_are_taken_and_others_not(command):
    synopsis = bashu(command, "--help").stdout.split("\n\n")[0]
    named = set(re.findall(r"--[a-z][a-z-]*", synopsis))
    for option in ("--out", "--set", "--threads", "--profile", "--quiet", "--reference", "--fields", "--species", "--sectors"):
        done = bashu(command, option, "--help")  # of an option with a value, --help is no value
        unknown = f"unknown option '{option}'" in done.stderr
        if option == "--quiet" and command in ("check", "prepare"):
            continue  # taken, and not worth a place in the line
        assert unknown == (option not in named), (command, option, done)


# ---- what is not understood ----

def test_no_word_at_all():
    refused(told=["usage: bashu COMMAND", "check", "run"])


@pytest.mark.parametrize("word, near", [("chek", "check"), ("rum", "run"), ("option", "options"), ("prepar", "prepare"), ("Version", "version")])
def test_unknown_command_with_the_nearest(word, near):
    refused(word, told=[f"unknown command '{word}'; did you mean '{near}'?", "usage: bashu COMMAND"])


def test_unknown_command_without_a_near_one():
    assert "did you mean" not in refused("hydrology", told=["unknown command 'hydrology'\n"]).stderr


@pytest.mark.parametrize("word, near", [("--ot", "--out"), ("--thread", "--threads"), ("--sets", "--set"), ("--quite", "--quiet")])
def test_unknown_option_with_the_nearest(word, near):
    refused("run", CASE, word, "x", told=[f"bashu run: unknown option '{word}'; did you mean '{near}'?", "usage: bashu run CASE.yaml --out DIR"])


def test_single_dash_and_bundled_options_are_unknown():
    refused("run", CASE, "-o", "x", told=["unknown option '-o'"])


@pytest.mark.parametrize("command", ["check", "prepare", "run"])
def test_count_of_words(command):
    refused(command, told=[f"bashu {command}: name one case file (found 0 words)"])
    refused(command, CASE, CASE, told=["name one case file (found 2 words)"])
    refused(command, *[CASE] * 5, told=["too many words", f"usage: bashu {command}"])


@pytest.mark.parametrize("command", ["options", "version"])
def test_words_where_none_belong(command):
    refused(command, "x", told=[f"bashu {command}: takes no words, found 'x'"])


def test_values_of_options(tmp_path):
    refused("run", CASE, told=["name the folder of the run with --out DIR"])
    refused("run", CASE, "--out", told=["--out needs a value"])
    refused("run", CASE, "--out", "--quiet", told=["--out needs a value"])
    refused("run", CASE, "--out=", told=["--out needs a value"])
    refused("run", CASE, "--out", tmp_path / "x", "--quiet=yes", told=["--quiet takes no value"])
    for threads in ("0", "-1", "two", "1.5", "5000", "2x"):
        refused("run", CASE, "--out", tmp_path / "x", f"--threads={threads}", told=["--threads must be a whole number from 1 to 4096", threads])
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("setting, told", [
    ("grid.nxx=3", "--set grid.nxx=3: error: unknown key 'nxx' in grid; did you mean 'nx'?"),
    ("grid.nx=3", "--set grid.nx=3: error: grid.nx must be an integer from 4 to 100000, found '3'"),
    ("grid.nx", "--set grid.nx: error: expected as a.b=value"),
    ("time.max_step=300", "--set time.max_step=300: error: time.max_step: '300' has no unit; write the unit with it, as '300 s'"),
])
def test_bad_settings_are_told_where_they_stand(setting, told):
    refused("check", CASE, "--set", setting, told=[told])


# ---- tables ----

def test_version():
    done = bashu("version")
    assert done.returncode == DONE and re.match(r"bashu \d+\.\d+\.\d+( \([0-9a-f]+(-dirty)?\))?\nfields in (float|double); vectors ", done.stdout)
    assert bashu("--version").stdout == done.stdout


def rows():
    text = (ROOT / "model/config/options.def").read_text(encoding="utf-8")
    return re.findall(r'^BS_OPTION\("([^"]+)"', text, re.M)


def test_options_lists_every_row():
    done = bashu("options")
    assert done.returncode == DONE and not done.stderr
    for path in rows():
        assert path in done.stdout, path


def test_reference_is_the_file_in_the_repository():
    done = bashu("options", "--reference")
    assert done.returncode == DONE
    assert done.stdout == (ROOT / "configs/reference.yaml").read_text(encoding="utf-8"), "run: bashu options --reference > configs/reference.yaml"


def test_reference_is_yaml_with_every_option():
    text = bashu("options", "--reference").stdout
    yaml.safe_load(text)
    for path in rows():
        key = re.escape(re.split(r"[.}\]]", path)[-1])
        assert re.search(rf"\b{key}:", text), path


def test_fields_and_species():
    fields, species = bashu("options", "--fields").stdout, bashu("options", "--species").stdout
    table = (ROOT / "model/core/fields.def").read_text(encoding="utf-8")
    for name in re.findall(r'^BS_FIELD\(\w+, "([^"]+)"', table, re.M):
        assert f"  {name} " in fields, name
    for name in re.findall(r'^BS_SPECIES\("([^"]+)"', (ROOT / "model/core/species.def").read_text(encoding="utf-8"), re.M):
        assert f"  {name} " in species, name


def test_sectors():
    listed = bashu("options", "--sectors").stdout
    rows = re.findall(r'^BS_SECTOR\("([^"]+)", "([^"]*)", "([^"]+)", "([^"]+)"\)', (ROOT / "model/emis/sectors.def").read_text(encoding="utf-8"), re.M)
    assert len(rows) > 30
    for name, parent, label, label_zh in rows:
        assert re.search(rf"^  {'  ' if parent else ''}{name} +{label} {label_zh}$", listed, re.M), name


def test_help_goes_before_work(tmp_path):
    done = bashu("run", CASE, "--out", "here", "--help", cwd=tmp_path)
    assert done.returncode == DONE and done.stdout.startswith("usage: bashu run") and not list(tmp_path.iterdir())
