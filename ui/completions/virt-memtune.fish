# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for virt-memtune(1) and virt-memtop(1)

function __virt_memtune_domains
    set -l connect
    set -l words (commandline -opc)
    for i in (seq 1 (count $words))
        if contains -- $words[$i] -c --connect; and test $i -lt (count $words)
            set -a connect -c $words[(math $i + 1)]
        end
    end
    virt-memtune $connect list --plain -o name --timeout 2 2>/dev/null
end

for program in virt-memtune virt-memtop
    set -l commands list show host set apply diff undo keep back journal tunables check hook reapply
    complete -c $program -f
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a list -d 'Every domain and what is left'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a show -d 'Everything about a domain'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a host -d 'The hosts'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a set -d 'Change and read back'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a apply -d 'Make the changes of a file'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a diff -d 'What a file would change'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a undo -d 'Take back a batch'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a keep -d 'Keep what --confirm wrote'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a back -d 'Go back from it now'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a journal -d 'What was written'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a tunables -d 'What can be tuned'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a check -d 'Monitoring plugin'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a hook -d 'What is kept, at the start of domains'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -a reapply -d 'Write what is kept now'
    complete -c $program -n "__fish_seen_subcommand_from hook" -a 'show install remove status qemu lxc'
    complete -c $program -n "__fish_seen_subcommand_from list show set check reapply" -a '(__virt_memtune_domains)'
    complete -c $program -n "__fish_seen_subcommand_from set" -a 'hard= soft= memsw= swap= guarantee= shares= target= maximum='
    complete -c $program -n "__fish_seen_subcommand_from apply diff" -F
    complete -c $program -n "__fish_seen_subcommand_from undo keep back journal" -a "(virt-memtune journal --plain 2>/dev/null | cut -f6 | sort -ru)"
    complete -c $program -s c -l connect -x -a 'qemu:///system lxc:///system xen:///system test:///default' -d 'Connect to'
    complete -c $program -s r -l read-only -d 'Never write'
    complete -c $program -n "not __fish_seen_subcommand_from $commands" -s b -l batch -d 'Text without a screen'
    complete -c $program -l json -d 'JSON'
    for name in live config both check only-raise only-lower exit-changed all-or-nothing safe-shrink
        complete -c $program -n "__fish_seen_subcommand_from set" -l $name
    end
    for name in expect allow wait confirm keep-if domain
        complete -c $program -n "__fish_seen_subcommand_from set" -l $name -x
    end
end
