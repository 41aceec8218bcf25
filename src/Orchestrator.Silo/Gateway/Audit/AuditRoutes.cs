using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Definitions;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Audit;

/// <summary>Who changed what: users see what they did themselves, operators all of their institution.</summary>
internal static class AuditRoutes
{
    public static void Map(Routes routes)
    {
        var (audit, clock) = (routes.Get<IAuditLog>(), routes.Get<TimeProvider>());
        routes.Map(
            "GET", "/v1/audit",
            new()
            {
                Summary = "Changes that were asked for, granted or not, the newest first. Users see their own, operators all.",
                Returns = typeof(Page<AuditEntry>),
                Query =
                [
                    new("who", "Of this user."), new("action", "Of this kind, as simulation.cancel."), new("subject", "About this: an id, or the name of a campaign, window, reservation or account."),
                    new("from", "Not earlier than this."), new("until", "Earlier than this."), new("cursor", "Where the page before ended."), new("limit", "1 to 1000; 100 by default."),
                ],
            },
            async call =>
            {
                var limit = (int)call.Query.Number("limit", 1, 1000, 100);
                var before = call.Query.Number("cursor", 1, long.MaxValue, 0);
                var (from, until) = (Moment(call.Query, "from"), Moment(call.Query, "until"));
                var who = call.Query.Text("who");
                var caller = call.Caller.Principal;
                if (caller.Role < Role.Operator && who is not null && who != caller.User)
                {
                    call.Query.Refuse("who", who, $"{caller.User}: only operators see what others did");
                }

                call.Query.Check();
                var rows = await audit.QueryAsync(
                    new()
                    {
                        Who = caller.Role < Role.Operator ? caller.User : who,
                        Institution = call.Caller.SeesEverything ? null : caller.Institution,
                        Action = call.Query.Text("action"),
                        Subject = call.Query.Text("subject"),
                        From = from,
                        Until = until,
                        Before = before == 0 ? null : before,
                        Limit = limit,
                    },
                    call.Cancellation);
                return Reply.Json(new Page<AuditEntry>
                {
                    Items = [.. rows.Select(Entry)],
                    Next = rows.Count < limit ? null : rows[^1].Number.ToString(CultureInfo.InvariantCulture),
                });
            });

        DateTimeOffset? Moment(Query query, string name)
        {
            if (query.Text(name) is not { } text)
            {
                return null;
            }

            if (MomentText.TryParse(text, clock.GetUtcNow(), out var moment, out _))
            {
                return moment;
            }

            query.Refuse(name, text, MomentText.Allowed);
            return null;
        }
    }

    private static AuditEntry Entry(AuditRow row) => new()
    {
        Number = row.Number,
        At = row.At,
        Who = row.Who,
        Institution = row.Institution,
        Action = row.Action,
        Subject = row.Subject,
        Outcome = row.Outcome,
        Details = row.Details,
        RequestId = row.RequestId,
    };
}
