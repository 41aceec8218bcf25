using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Usage;
using Orchestrator.Silo.Gateway.Clusters;
using Orchestrator.Silo.Gateway.Simulations;

namespace Orchestrator.Silo.Gateway.Accounts;

/// <summary>Accounts: what was arranged and used.</summary>
internal static class AccountRoutes
{
    public static void Map(Routes routes)
    {
        var (grains, access) = (routes.Get<IGrainFactory>(), routes.Get<ClusterAccess>());
        routes.Map("GET", "/v1/accounts", new() { Summary = "The accounts that work was submitted for, by id, with what each has of the cluster.", Returns = typeof(Page<AccountSummary>) }, async call =>
        {
            call.Query.Check();
            var rows = await access.RowsAsync(SimulationScope.Of(call.Caller), call.Cancellation);
            var standings = (await access.Cluster.GetStandingsAsync(call.Cancellation)).ToDictionary(static standing => standing.Account, StringComparer.Ordinal);
            return Reply.Json(new Page<AccountSummary>
            {
                Items =
                [
                    .. from row in rows
                       let owner = row.Owner()
                       where owner.Institution.Length > 0
                       group row by (owner.Institution, owner.Project) into some
                       let id = AccountId.TryParse($"p-{some.Key.Institution}.{some.Key.Project}", out var known) ? known : default
                       where id.Value is not null
                       orderby id
                       select new AccountSummary
                       {
                           Id = id,
                           Institution = some.Key.Institution,
                           Project = some.Key.Project,
                           Simulations = some.Count(),
                           Live = some.Count(static row => !row.Status.IsFinal()),
                           Standing = standings.TryGetValue(id.Value, out var standing) ? Shown(call, standing) : null,
                       },
                ],
            });
        });
        routes.Map("GET", "/v1/accounts/{id}", new() { Summary = "What was arranged with an account, what it has of the cluster, and what it used.", Returns = typeof(AccountView) }, async call =>
        {
            var id = call.Id<AccountId>();
            var view = Sees(call, id) ? await grains.GetGrain<IAccountGrain>(id.Value).GetAsync(call.Cancellation) : null;
            if (view is null)
            {
                throw ProblemException.NotFound($"The account {id}");
            }

            var standing = (await access.Cluster.GetStandingsAsync(call.Cancellation)).FirstOrDefault(one => one.Account == id.Value);
            return Reply.Json(view with { Standing = standing is null ? null : Shown(call, standing) });
        });
        routes.Map("GET", "/v1/accounts/{id}/usage", new() { Summary = "What an account used over time, by user, simulation, stage, node.", Query = [new("by", "total, institution, project, user (default), simulation, stage, task or node."), new("step", "minute, hour, day, week or month (default)."), new("from", "Not before the step of this moment."), new("until", "Before this moment.")], Returns = typeof(Page<UsageRow>) }, async call =>
        {
            var id = call.Id<AccountId>();
            var query = new UsageQuery
            {
                By = call.Query.Choice<UsageDimension>("by", call.Query.Text("by")) ?? UsageDimension.User,
                Step = call.Query.Choice<SeriesStep>("step", call.Query.Text("step")) ?? SeriesStep.Month,
                From = Moment(call, "from"),
                Until = Moment(call, "until"),
            };
            call.Query.Check();
            return Sees(call, id) ? Reply.Json(new Page<UsageRow> { Items = await grains.GetGrain<IAccountGrain>(id.Value).UsageAsync(query, call.Cancellation) }) : throw ProblemException.NotFound($"The account {id}");
        });
        routes.Map(
            "PATCH", "/v1/accounts/{id}",
            new() { Summary = "Arrange something of an account anew: shares, limits, budgets. What is not named stays.", Role = Role.Operator, Action = "account.set", Takes = typeof(AccountChange), Returns = typeof(AccountView) },
            call =>
            {
                var change = call.ReadOrder<AccountChange>();
                return SetAsync(call, change with
                {
                    Users = change.Users ?? ImmutableSortedDictionary<string, double>.Empty,
                    Budgets = change.Budgets.IsDefault ? [] : change.Budgets,
                    RemoveBudgets = change.RemoveBudgets.IsDefault ? [] : change.RemoveBudgets,
                });
            });
        routes.Map(
            "PUT", "/v1/accounts/{id}",
            new() { Summary = "Arrange an account whole: what is not named is as by default, and budgets and users that are not named go.", Role = Role.Operator, Action = "account.set", Takes = typeof(AccountTerms), Returns = typeof(AccountView) },
            async call =>
            {
                var (id, terms) = (call.Id<AccountId>(), call.ReadOrder<AccountTerms>());
                var present = (await grains.GetGrain<IAccountGrain>(id.Value).GetAsync(call.Cancellation))?.Terms ?? new();
                var users = terms.Users ?? ImmutableSortedDictionary<string, double>.Empty;
                var budgets = terms.Budgets?.Values.ToImmutableArray() ?? [];
                var keys = budgets.Select(static budget => budget.Key()).ToHashSet(StringComparer.Ordinal);
                return await SetAsync(call, new()
                {
                    Shares = terms.Shares,
                    Users = users.AddRange(present.Users.Keys.Where(user => !users.ContainsKey(user)).Select(static user => KeyValuePair.Create(user, 0.0))),
                    Guaranteed = terms.Guaranteed,
                    Maximum = terms.Maximum,
                    LendLimit = terms.LendLimit,
                    MayBorrow = terms.MayBorrow,
                    RunningMax = terms.RunningMax ?? -1,
                    Budgets = budgets,
                    RemoveBudgets = [.. present.Budgets.Keys.Where(key => !keys.Contains(key))],
                    UsageHalfLife = terms.UsageHalfLife,
                });
            });

        async Task<Reply> SetAsync(Call call, AccountChange change)
        {
            var id = call.Id<AccountId>();
            if (!Sees(call, id))
            {
                throw ProblemException.NotFound($"The account {id}");
            }

            var reply = await grains.GetGrain<IAccountGrain>(id.Value).SetAsync(change, CancellationToken.None);
            return reply.View is { } view && reply.Problems.IsEmpty
                ? Reply.Json(view)
                : throw ProblemException.Unprocessable(
                    reply.Problems.Length == 1 ? reply.Problems[0].ToString() : $"{reply.Problems.Length} members are wrong; nothing was changed.",
                    [.. reply.Problems.Select(static problem => new InputProblem { Path = problem.Field, Message = Split(problem.Message).What, Allowed = Split(problem.Message).Allowed })]);
        }
    }

    /// <summary>Without the names of accounts that the caller does not see.</summary>
    private static ShareStanding Shown(Call call, ShareStanding standing) => standing with
    {
        Loans =
        [
            .. standing.Loans.Select(loan => loan with
            {
                Lender = AccountId.TryParse(loan.Lender, out var lender) && Sees(call, lender) ? loan.Lender : "",
                Borrower = AccountId.TryParse(loan.Borrower, out var borrower) && Sees(call, borrower) ? loan.Borrower : "",
            }),
        ],
    };

    private static DateTimeOffset? Moment(Call call, string name)
    {
        if (call.Query.Text(name) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
        {
            return moment;
        }

        call.Query.Refuse(name, text, "a moment, as in 2027-01-31 or 2027-01-31T12:00:00Z");
        return null;
    }

    /// <summary>The id of an account is p-INSTITUTION.PROJECT, neither of which has a dot.</summary>
    private static bool Sees(Call call, AccountId id)
    {
        var (institution, project) = id.Value[2..].Split('.') is [var first, var second] ? (first, second) : ("", "");
        return call.Caller.SeesEverything || (institution.Length > 0 && call.Caller.Sees(institution, project));
    }

    /// <summary>Rules say "VALUE is not allowed; WHAT is."</summary>
    private static (string What, string? Allowed) Split(string message)
    {
        var at = message.IndexOf("; ", StringComparison.Ordinal);
        return at < 0 ? (message.TrimEnd('.'), null) : (message[..at], message[(at + 2)..].TrimEnd('.') is var rest && rest.EndsWith(" is", StringComparison.Ordinal) ? rest[..^3] : message[(at + 2)..].TrimEnd('.'));
    }
}
