# SPDX-License-Identifier: Apache-2.0
#
#     bash complete.bash FILE... -- LINE
#
# Prints what bash offers when TAB is pressed at the end of LINE, after the
# files were loaded, a line for each, in order.  Nothing is offered that bash
# would not have asked for: what completes the command is what "complete" says.

files=()
while test "$1" != --; do
    files+=("$1")
    shift
done
line=$2
set --
for file in "${files[@]}"; do
    . "$file"
done

# As readline divides the line: at white space, and at what COMP_WORDBREAKS
# has, which is a word of its own.
COMP_LINE=$line
COMP_POINT=${#line}
COMP_WORDS=()
word=
for ((i = 0; i < ${#line}; i++)); do
    c=${line:i:1}
    case $c in
    ' ')
        test -z "$word" || COMP_WORDS+=("$word")
        word= ;;
    [=:])
        test -z "$word" || COMP_WORDS+=("$word")
        COMP_WORDS+=("$c")
        word= ;;
    *) word+=$c ;;
    esac
done
case $line in
*[=:]) ;;
*) COMP_WORDS+=("$word") ;;
esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_TYPE=9
COMPREPLY=()

name=${COMP_WORDS[0]}
spec=$(complete -p "$name") || exit 1
spec=${spec#*-F }
${spec%% *} "$name" "${COMP_WORDS[COMP_CWORD]}" \
    "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort -u
