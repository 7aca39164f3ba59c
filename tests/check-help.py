# SPDX-License-Identifier: Apache-2.0
"""Compares the help of a command with its entry in the manual page.

    upcall COMMAND --help | check-help.py [--program] COMMAND MANUAL-PAGE

of the daemon, or with --program of ovs-upcall-trace.  Both must have the same options, in the same order, with the same values and
the same texts; the manual page may say more.  Prints what differs, and then
exits with status 1."""

import re
import sys

PREFIX = "upcall-trace/"


def plain(roff):
    """Returns what is printed for 'roff'."""
    for escape, text in ((r"\-", "-"), (r"\(aq", "'"), (r"\(dq", '"'),
                         (r"\e", "\\")):
        roff = roff.replace(escape, text)
    return re.sub(r"\\f[BIR]", "", roff)


def parse_help(lines):
    """Returns the usage, and the options as pairs of name and text."""
    usage = []
    options = []
    while lines[0]:
        usage.append(lines.pop(0).strip())
    for line in lines[lines.index("Options:") + 1:]:
        match = re.match(r"  ((-., )?--\S*) *(.*)", line)
        if match:
            options.append([match.group(1), match.group(3)])
        elif not line:
            break               # Those of another command follow.
        else:
            options[-1][1] = (options[-1][1] + " " + line.strip()).strip()
    return " ".join(usage), options


def parse_man(lines, prefix, common):
    """Returns for each command, whose entry begins with 'prefix', its usage and
    its options, as parse_help() does; the options that are common to all, behind
    the line 'common', are those of ''."""
    commands = {}
    command = None
    for line in lines:
        heading = re.match(r'\.IP "(.*)"$', line)
        if line.startswith(common):
            commands[""] = command = ("", [])
        elif line.startswith((".SH", '.IP "\\fBexit')):
            command = None
        elif heading and re.match(prefix + "[a-z]",
                                  plain(heading.group(1))):
            usage = plain(heading.group(1))
            command = (usage, [])
            commands[usage.split()[0][len(prefix):]] = command
        elif command is None:
            continue
        elif heading and plain(heading.group(1)).startswith("-"):
            command[1].append([plain(heading.group(1)), ""])
        elif command[1] and not command[1][-1][1]:
            command[1][-1][1] = plain(line)
    return commands


def main():
    of_program = sys.argv[1] == "--program"
    name, man_file = sys.argv[1 + of_program:]
    usage, options = parse_help(sys.stdin.read().splitlines())
    with open(man_file, encoding="utf-8") as file:
        commands = parse_man(file.read().splitlines(),
                             "" if of_program else PREFIX,
                             '.SS "Options of All Commands"' if of_program
                             else '.SH "RUNTIME MANAGEMENT COMMANDS"')
    man_usage, man_options = commands[name]
    ok = True
    usage = usage.replace("[--json] [--help]", "").split()[1 + of_program:]
    if usage != man_usage.split():
        print("help: %s\nman:  %s" % (usage, man_usage))
        ok = False
    # What is between single quotes is bold there.
    expected = [[option, re.sub(r"(?<!\w)'([^']*)'", r"\1",
                                text[0].upper() + text[1:] + ".")]
                for option, text in options]
    found = man_options + commands[""][1]
    if not found or expected != found:
        print("help: %s\nman:  %s" % (expected, found))
        ok = False
    sys.exit(0 if ok else 1)


main()
