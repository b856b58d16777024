-- The same legs in the words of the revisions before 2025-05-20, by the assumptions in the documentation of
-- callperf-sandbox. The definitions are run a second time over these.

create schema before;

create view before.legs as
with menus as (
    select m.extension, m.belongs_to as menu
    from memberships m
    join extensions a on a.id = m.extension and a.kind = 'iva'
    join extensions i on i.id = m.belongs_to and i.kind = 'ivr'
)
select l.* replace (
    coalesce(menu, extension) as extension,
    case type when 'queue_call_pickup' then 'from_queue' else type end as type,
    case result when 'forwarded' then 'completed' when 'picked_up' then 'missed'
                when 'answered_elsewhere' then 'missed' when 'transferred' then null else result end as result
)
from main.legs l left join menus using (extension);

create view before.segments as
select * replace (case segment when 'forwarding' then 'ringing' else segment end as segment) from main.segments;
