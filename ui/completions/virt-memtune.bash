# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for virt-memtune(1) and virt-memtop(1)

_virt_memtune_domains() {
    # Only what answers at once: a completion must not hang on a host.
    "$1" "${connect[@]}" list --plain -o name --timeout 2 2>/dev/null
}

# The lines of standard input that begin with what is typed, quoted. compgen -W would run what it finds
# in a name.
_virt_memtune_lines() {
    local line
    while IFS= read -r line; do
        [[ $line ]] || continue
        printf -v line %q "$line"
        [[ $line == "$cur"* ]] && COMPREPLY+=("$line")
    done
}

_virt_memtune() {
    local program=$1 cur prev words cword command= i
    local connect=()
    COMPREPLY=()
    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref -n =: cur prev words cword
    else
        cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
        words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
    fi
    for ((i = 1; i < cword; i++)); do
        case ${words[i]} in
        -c | --connect) connect+=(-c "${words[++i]}") ;;
        -[dnfsot] | --delay | --count | --filter | --sort | --columns | --theme | --timeout) ((i++)) ;;
        list | show | host | set | apply | diff | undo | keep | back | journal | tunables | check | hook | reapply) [[ $command ]] || command=${words[i]} ;;
        esac
    done
    if [[ $cur == -* ]]; then
        local options
        options=$("$program" $command --help 2>/dev/null | grep -o -- '--[a-z-]*')
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        return
    fi
    case $prev in
    -c | --connect)
        mapfile -t COMPREPLY < <(compgen -W "qemu:///system lxc:///system xen:///system test:///default" -- "$cur")
        return
        ;;
    esac
    case $command in
    '') mapfile -t COMPREPLY < <(compgen -W "list show host set apply diff undo keep back journal tunables check hook reapply" -- "$cur") ;;
    apply | diff) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    undo | keep | back | journal)
        _virt_memtune_lines < <("$program" journal --plain 2>/dev/null | cut -f6 | sort -ru)
        ;;
    hook) mapfile -t COMPREPLY < <(compgen -W "show install remove status qemu lxc" -- "$cur") ;;
    list | show | set | check | reapply)
        _virt_memtune_lines < <(_virt_memtune_domains "$program")
        if [[ $command == set ]]; then
            COMPREPLY+=($(compgen -W "hard= soft= memsw= swap= guarantee= shares= target= maximum=" -- "$cur"))
            [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
        fi
        ;;
    esac
}

complete -F _virt_memtune virt-memtune virt-memtop
