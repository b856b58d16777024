-- What each key had of each call, from a folder of data: the definitions in SQL.
-- Written from the words' definitions and the documentation of callperf-sandbox ("The calls"), not from its code.
-- Expects tables named like the files, and `zone`, the company's.

create table entries as
select id as key, kind, extension_number, name, sla_seconds, sla_abandoned_seconds from extensions
union all select id, 'company', null, name, null, null from account
union all select number, 'number', null, null, null, null from numbers;

-- A leg, with what is asked of it below.
create table leg_facts as
select l.*, e.kind, e.kind in ('ivr', 'iva') as is_menu, l.direction = 'inbound' as received,
       coalesce(l.response in ('answered', 'connected'), false) as picked_up,
       l.start + l.seconds as ends
from legs l join extensions e on e.id = l.extension;

-- Whose a leg is.
create table keyed as
with sets as (
    select m.extension, e.kind, m.belongs_to as key
    from memberships m join extensions e on e.id = m.belongs_to
    where e.kind in ('site', 'department', 'user_group')
)
select 'Company' as grouping, l.call_id, l.leg, a.id as key from leg_facts l, account a
union all
select 'CompanyNumbers', l.call_id, l.leg, c.number
from leg_facts l join calls c using (call_id) where c.number is not null
union all
select 'Users', call_id, leg, extension from leg_facts where kind = 'user'
union all
select 'IVRs', call_id, leg, extension from leg_facts where kind = 'ivr'
union all
select 'IVAs', call_id, leg, extension from leg_facts where kind = 'iva'
union all
select 'SharedLines', call_id, leg, extension from leg_facts where kind = 'shared_line'
union all
select 'Queues', call_id, leg, extension from leg_facts where kind = 'queue'
union all
-- … and those that it brought to its agents.
select 'Queues', call_id, leg, queue from leg_facts where kind <> 'queue' and queue is not null
union all
select case s.kind when 'site' then 'Sites' when 'department' then 'Departments' else 'UserGroups' end,
       l.call_id, l.leg, s.key
from leg_facts l join sets s using (extension);

-- If the key both made and received legs of a call, the received ones decide, and theirs are the segments.
create table sides as
select grouping, call_id, key, bool_or(received) as has_received, bool_or(not received) as has_made,
       min(leg) as first_leg
from keyed join leg_facts using (call_id, leg)
group by all;

-- The leg that was picked up and ended last, or else the one that ended last; a menu's only if there is no other.
create table speakers as
select grouping, call_id, key, response, type, result
from keyed join leg_facts using (call_id, leg) join sides using (grouping, call_id, key)
where received = has_received
qualify row_number() over (
    partition by grouping, call_id, key order by is_menu, picked_up desc, ends desc, leg
) = 1;

-- The time in a menu also belongs to whom the menu led to straight, be it another menu.
create table menu_legs as
select s.grouping, s.call_id, s.key, m.leg
from sides s
join leg_facts m on m.call_id = s.call_id and m.leg < s.first_leg
where m.is_menu and s.has_received
  and not exists (
      select 1 from leg_facts o
      where o.call_id = s.call_id and o.leg > m.leg and o.leg < s.first_leg and not o.is_menu
  );

create table spent as
with own as (
    select grouping, call_id, key, leg
    from keyed join leg_facts using (call_id, leg) join sides using (grouping, call_id, key)
    where received = has_received
    union all select * from menu_legs
)
select grouping, call_id, key, segment, sum(s.seconds)::bigint as seconds
from own join segments s using (call_id, leg)
group by all;

create table done as
select grouping, call_id, key, action, count(*) as times
from keyed join actions using (call_id, leg)
group by all;

create table opportunities as
select grouping, call_id, key, count(*) as times
from keyed join leg_facts using (call_id, leg)
where grouping = 'Users' and queue is not null
group by all;

-- A queue's portion is in or out of SLA by the wait before it was answered: its leg lasts so long. A caller who hung up
-- before is out of it, if the queue counts those that waited so long; or in it by the same wait, where the assumption
-- `abandoned-sla` is `by-wait`.
create table slas as
select call_id, extension as key,
       case when (coalesce(response = 'answered', false) or getvariable('abandoned_sla') = 'by-wait')
                 and seconds <= sla_seconds then 'in' else 'out' end as sla
from leg_facts join entries on key = extension
where leg_facts.kind = 'queue'
  and (response = 'answered' or (result = 'abandoned' and seconds >= sla_abandoned_seconds))
qualify row_number() over (partition by call_id, extension order by leg) = 1;

-- When the company is open (no key), and each queue: when it says so, or else when the company is.
create table open_hours as
with own as (select queue as key, day, opens, closes from hours)
select * from own
union all
select q.id, o.day, o.opens, o.closes
from extensions q, own o
where q.kind = 'queue' and o.key is null and q.id not in (select key from own where key is not null);

create table open_calls as
select distinct call_id, key
from calls, account, open_hours
where day = lower(dayname(timezone(time_zone, calls.start)))
  and hour(timezone(time_zone, calls.start)) * 60 + minute(timezone(time_zone, calls.start))
      between split_part(opens, ':', 1)::int * 60 + split_part(opens, ':', 2)::int
          and split_part(closes, ':', 1)::int * 60 + split_part(closes, ':', 2)::int - 1;

-- One row for each key and call.
create table portions as
with phases as (
    pivot spent on segment in (
        'setup', 'ringing', 'ivr_prompt', 'live_talk', 'hold', 'park', 'transfer', 'vm_greeting', 'voicemail',
        'forwarding'
    ) using sum(seconds) group by grouping, call_id, key
), acts as (
    pivot done on action in (
        'hold_on', 'hold_off', 'park_on', 'park_off', 'blind_transfer', 'warm_transfer', 'dtmf_transfer'
    ) using sum(times) group by grouping, call_id, key
)
select s.grouping, s.call_id, s.key, c.start, c.seconds as call_seconds, c.origin, c.number,
       case when c.origin = 'internal' and (s.grouping = 'Company' or (has_received and has_made)) then null
            when has_received then 'inbound' else 'outbound' end as direction,
       response, type, result,
       case when o.call_id is null then 'after' else 'business' end as company_hours,
       case when s.grouping <> 'Queues' then null when q.call_id is null then 'after' else 'business' end as queue_hours,
       c.ended_by,
       case when s.grouping = 'Queues' then sla end as sla,
       coalesce(p.setup, 0)::bigint as seg_setup, coalesce(p.ringing, 0)::bigint as seg_ringing,
       coalesce(p.ivr_prompt, 0)::bigint as seg_ivr_prompt,
       coalesce(p.live_talk, 0)::bigint as seg_live_talk, coalesce(p.hold, 0)::bigint as seg_hold,
       coalesce(p.park, 0)::bigint as seg_park, coalesce(p.transfer, 0)::bigint as seg_transfer,
       coalesce(p.vm_greeting, 0)::bigint as seg_vm_greeting,
       coalesce(p.voicemail, 0)::bigint as seg_voicemail,
       coalesce(p.forwarding, 0)::bigint as seg_forwarding,
       seg_setup + seg_ringing + seg_ivr_prompt + seg_live_talk + seg_hold + seg_park + seg_transfer
           + seg_vm_greeting + seg_voicemail + seg_forwarding as length,
       coalesce(a.hold_on, 0)::bigint as act_hold_on, coalesce(a.hold_off, 0)::bigint as act_hold_off,
       coalesce(a.park_on, 0)::bigint as act_park_on, coalesce(a.park_off, 0)::bigint as act_park_off,
       coalesce(a.blind_transfer, 0)::bigint as act_blind_transfer,
       coalesce(a.warm_transfer, 0)::bigint as act_warm_transfer,
       coalesce(a.dtmf_transfer, 0)::bigint as act_dtmf_transfer,
       coalesce(opportunities.times, 0)::bigint as opportunities
from sides s
join calls c using (call_id)
join speakers using (grouping, call_id, key)
left join phases p using (grouping, call_id, key)
left join acts a using (grouping, call_id, key)
left join opportunities using (grouping, call_id, key)
left join slas using (call_id, key)
left join open_calls o on o.call_id = c.call_id and o.key is null
left join open_calls q on q.call_id = c.call_id and q.key = s.key;
