-- Functions that act with more than the caller's rights. Each is owned by the narrowest role that can do
-- its one thing, pins its search_path with pg_temp last, and is granted by name (see relations.ts, guard.ts).

create schema if not exists studio;
revoke all on schema studio from public;
grant usage on schema studio to studio_app, studio_jobs;

-- The organization that a public id belongs to, or null. Ids carry 128 random bits, so an answer tells
-- nothing to somebody who does not already hold the id; rights are checked afterwards, inside the tenant.
create or replace function studio.locate(kind text, public_id text) returns uuid
  language sql stable security definer
  set search_path = pg_catalog, public, pg_temp
  as $$
    select case kind
      when 'organization' then (select o.id from public.organizations o where o.public_id = $2)
      when 'project' then (select p.organization_id from public.projects p where p.public_id = $2)
      -- By the hash of the secret in the address that Railway calls.
      when 'railway_hook' then (select r.organization_id from public.railway_projects r where r.hook_hash = $2)
    end
  $$;
grant studio_locator to current_user with inherit false, set true;
grant create on schema studio to studio_locator, studio_jobs, studio_placement;
alter function studio.locate(text, text) owner to studio_locator;
revoke all on function studio.locate(text, text) from public;
grant execute on function studio.locate(text, text) to studio_app;

-- Where the public gateway finds the Appwrite that serves a project: the instance's inner endpoint, or null unless the
-- project is ready and its attempt live. Without a project, for a browser's preflight, any instance will do. Ids carry
-- 128 random bits, and an endpoint tells nothing of whose project it is.
create or replace function studio.appwrite_endpoint(project text) returns text
  language sql stable security definer
  set search_path = pg_catalog, public, pg_temp
  as $$
    select case when $1 is null
      then (select i.endpoint from public.appwrite_instances i order by i.draining_since is not null, i.id limit 1)
      else (select i.endpoint
              from public.appwrite_projects a
              join public.projects p on p.organization_id = a.organization_id and p.id = a.project_id
              join public.appwrite_instances i on i.id = a.instance_id
             where a.appwrite_project_id = $1 and a.state = 'live' and p.status = 'ready')
    end
  $$;
grant studio_reconciler to current_user with inherit false, set true;
grant usage, create on schema studio to studio_reconciler;
alter function studio.appwrite_endpoint(text) owner to studio_reconciler;
revoke all on function studio.appwrite_endpoint(text) from public;
grant execute on function studio.appwrite_endpoint(text) to studio_app;
revoke create on schema studio from studio_reconciler;

-- The outbox: a job row in the caller's own transaction. The organization comes from the transaction's
-- context, never from the payload, so a job cannot be addressed to somebody else's tenant.
create or replace function studio.enqueue(task text, payload jsonb, job_key text, run_at timestamptz) returns void
  language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
  as $$
    begin
      perform graphile_worker.add_job(
        identifier => task,
        payload => (payload || pg_catalog.jsonb_build_object(
          'organization_id', nullif(current_setting('app.current_tenant', true), '')))::json,
        run_at => coalesce(run_at, clock_timestamp()),
        max_attempts => 25,
        -- One at a time: each takes all that a worker has, and a press of the button must not keep people's mail waiting.
        queue_name => case when task = 'prove-isolation' then task end,
        job_key => job_key);
    end
  $$;
grant studio_jobs to current_user with inherit false, set true;
alter function studio.enqueue(text, jsonb, text, timestamptz) owner to studio_jobs;
revoke all on function studio.enqueue(text, jsonb, text, timestamptz) from public;
grant execute on function studio.enqueue(text, jsonb, text, timestamptz) to studio_app, studio_signin;
grant usage on schema studio to studio_signin;

-- Which key-encryption keys letters are sealed under that wait to be sent, and how many: no role of a request
-- reads the job queue itself.
create or replace function studio.waiting_mail_keys() returns table (key_id text, letters bigint)
  language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp
  as $$
    begin
      return query
        select split_part(j.payload->>'sealed', '.', 2), count(*)
          from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
         where t.identifier = 'send-mail' and j.attempts < j.max_attempts
         group by 1;
    end
  $$;
alter function studio.waiting_mail_keys() owner to studio_jobs;
revoke all on function studio.waiting_mail_keys() from public;
grant execute on function studio.waiting_mail_keys() to studio_rotator;
grant usage on schema studio to studio_rotator;

-- Takes a place on the Appwrite instance with the most room, or answers null when none has any. Counted in the
-- caller's transaction, so a place is taken if and only if the caller wrote down which one.
create or replace function studio.place_appwrite_project() returns uuid
  language sql volatile security definer
  set search_path = pg_catalog, public, pg_temp
  as $$
    update public.appwrite_instances i set placed = i.placed + 1
      where i.id = (
        select c.id from public.appwrite_instances c
          where c.draining_since is null and c.placed < c.capacity
          order by c.placed::float8 / c.capacity, c.id limit 1 for update)
      returning i.id
  $$;
-- Gives a place back.
create or replace function studio.release_appwrite_project(instance uuid) returns void
  language sql volatile security definer
  set search_path = pg_catalog, public, pg_temp
  as $$
    update public.appwrite_instances i set placed = greatest(i.placed - 1, 0) where i.id = instance
  $$;
grant studio_placement to current_user with inherit false, set true;
alter function studio.place_appwrite_project() owner to studio_placement;
alter function studio.release_appwrite_project(uuid) owner to studio_placement;
revoke all on function studio.place_appwrite_project(), studio.release_appwrite_project(uuid) from public;
grant execute on function studio.place_appwrite_project(), studio.release_appwrite_project(uuid) to studio_app;
revoke create on schema studio from studio_locator, studio_jobs, studio_placement;
