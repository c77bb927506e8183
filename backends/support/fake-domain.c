/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/fake-world.h"

void fake_domain_figure(struct fake_domain *domain, size_t row, const struct fake_moving *moving)
{
    domain->figures[row] = *moving;
    domain->still[row] = moving->start;
    domain->moves[row] = moving->slope != 0 || moving->n_steps;
}

struct value fake_domain_live(const struct backend *backend, const struct fake_domain *domain,
                              size_t row, double seconds)
{
    uint64_t from = domain->asked_from, to = domain->asked_to;
    if (backend->tunables[row].role != ROLE_TARGET || from == to || domain->balloon < 0)
        return domain->settings[row].live;
    uint64_t way = (uint64_t)MAX(0.0, (seconds - domain->asked) * domain->balloon);
    if (from > to)
        return value_number(way >= from - to ? to : from - way);
    return value_number(way >= to - from ? to : from + way);
}

/* What is above the limit is dropped, as far as it can be. */
static void reclaim(const struct backend *backend, struct fake_domain *domain, struct value limit,
                    double seconds)
{
    int at_held = figure_by_role(backend->figures, FIGURE_HELD);
    int at_droppable = figure_by_role(backend->figures, FIGURE_DROPPABLE);
    uint64_t held, droppable, to, least;
    if (at_held < 0 || at_droppable < 0 || !value_get(limit, &to) ||
        !value_get(fake_at(&domain->figures[at_held], seconds), &held) ||
        !value_get(fake_at(&domain->figures[at_droppable], seconds), &droppable) || to >= held)
        return;
    least = held - MIN(droppable, held);
    to = MAX(to, least);
    fake_domain_figure(domain, (size_t)at_held, &(struct fake_moving){.start = value_number(to)});
    fake_domain_figure(domain, (size_t)at_droppable,
                       &(struct fake_moving){.start = value_number(to - least)});
}

void fake_domain_write(const struct backend *backend, struct fake_domain *domain, size_t row,
                       enum scope scope, struct value value, double seconds)
{
    const struct tunable *tunable = &backend->tunables[row];
    struct setting *setting = &domain->settings[row];
    value = tunable_round(tunable, value);
    if (value.kind == VALUE_NUMBER && domain->rounding[row])
        value.number -= value.number % domain->rounding[row];
    if (scope & SCOPE_CONFIG)
        setting->config = value;
    if (!(scope & SCOPE_LIVE))
        return;
    if (domain->reclaims && (tunable->role == ROLE_SOFT || tunable->role == ROLE_HARD))
        reclaim(backend, domain, value, seconds);
    if (tunable->role == ROLE_TARGET && value.kind == VALUE_NUMBER) {
        struct value now = fake_domain_live(backend, domain, row, seconds);
        int target = figure_by_role(backend->figures, FIGURE_TARGET);
        domain->asked_from = now.kind == VALUE_NUMBER ? now.number : value.number;
        domain->asked_to = value.number;
        domain->asked = seconds;
        if (target >= 0 && domain->figures[target].start.kind == VALUE_NUMBER)
            fake_domain_figure(domain, (size_t)target, &(struct fake_moving){.start = value});
    }
    setting->live = value;
}
