using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator account list|show|set</c>.</summary>
internal static class AccountCommand
{
    private const string AccountHelp = "institution/project, or the id of the account (p-…).";
    private const int BarWidth = 20;

    public static Command Create() => new("account", "Accounts: what projects may use, what they have of the cluster, and what they used.") { List(), Show(), Set() };

    private static DocumentedCommand List()
    {
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "list", "List the accounts, each with the cores that it is guaranteed, holds, borrows and lends now, and never exceeds.", ["orchestrator account list"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, _, cancellationToken) =>
        {
            using var client = context.Connect();
            return await ListAsync(context, client, cancellationToken);
        }));
        return command;
    }

    private static DocumentedCommand Show()
    {
        var name = new Argument<string?>("ACCOUNT") { Description = AccountHelp + " Default: all of them, a line each.", Arity = ArgumentArity.ZeroOrOne };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "show", "Show what was arranged with an account, what it has of the cluster now, its budgets, and what it used.", ["orchestrator account show", "orchestrator account show eth/climate"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { name, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            if (parsed.GetValue(name) is { } one)
            {
                Write(context, await client.GetAccountAsync(Parse(one), cancellationToken));
                return ExitCodes.Success;
            }

            return await ListAsync(context, client, cancellationToken);
        }));
        return command;
    }

    private static async Task<int> ListAsync(CommandContext context, OrchestratorClient client, CancellationToken cancellationToken)
    {
        var accounts = await client.ListAccountsAsync(cancellationToken).ToListAsync(cancellationToken);
        if (context.Json)
        {
            context.WriteJson(accounts);
        }
        else if (accounts.Count == 0)
        {
            context.Output.WriteLine("no accounts; the first submission for a project makes one");
        }
        else
        {
            Table(accounts).Write(context.Output, context.Style);
        }

        return ExitCodes.Success;
    }

    /// <summary>Cores are of now; of an account of which the cluster has nothing there are none.</summary>
    internal static TextTable Table(IEnumerable<AccountSummary> accounts)
    {
        var table = new TextTable("ACCOUNT", "PROJECT", "SIMULATIONS", "LIVE", "GUARANTEED", "HELD", "WAITING", "BORROWED", "LENT", "MAXIMUM");
        foreach (var account in accounts)
        {
            var standing = account.Standing;
            table.Add(
                account.Id.Value, $"{account.Institution}/{account.Project}", ReportText.Count(account.Simulations), ReportText.Count(account.Live),
                Cores(standing?.Guaranteed), Cores(standing?.Held), Cores(standing?.Waiting), Cores(standing?.Borrowed), Cores(standing?.Lent), Cores(standing?.Maximum));
        }

        return table;

        static string Cores(long? cores) => cores is { } known ? ReportText.Count(known) : "-";
    }

    private static DocumentedCommand Set()
    {
        var name = new Argument<string>("ACCOUNT") { Description = AccountHelp };
        var shares = new Option<double?>("--shares") { Description = "Its part of its institution, in proportion to the others'; above 0.", HelpName = "N" };
        var userShares = new Option<string[]>("--user-shares") { Description = "Shares of one of its users, as in ada=2; 0 takes the user out of the list. Can be repeated.", HelpName = "USER=N" };
        var guaranteed = new Option<string?>("--guaranteed") { Description = "Part of the cluster's cores that it gets whenever it wants them: 0 to 1, or 20%.", HelpName = "PART" };
        var maximum = new Option<string?>("--maximum") { Description = "Part of the cluster's cores that it never exceeds.", HelpName = "PART" };
        var lend = new Option<string?>("--lend-limit") { Description = "Part of its guarantee that it lends at most while it does not need it.", HelpName = "PART" };
        var borrow = new Option<bool?>("--borrow") { Description = "true or false: whether it may use what others lend.", HelpName = "BOOL" };
        var running = new Option<string?>("--running-max") { Description = "So many attempts at once; none: any number.", HelpName = "N" };
        var budget = new Option<string[]>("--budget")
        {
            Description = "A budget: UNIT/KIND/WINDOW[/USER]=LIMIT. UNIT: core-hours, gpu-hours, memory-hours, cost, energy; KIND: hard, soft; WINDOW: total, minute, hour, day, week, month. Can be repeated.",
            HelpName = "BUDGET",
        };
        var remove = new Option<string[]>("--remove-budget") { Description = "Take a budget away, as in core-hours/hard/month. Can be repeated.", HelpName = "KEY" };
        var halfLife = new Option<string?>("--half-life") { Description = "Use counts half for the fair share after so long, as in 14d.", HelpName = "TIME" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "set", "Arrange something of an account anew; what is not named stays.",
            [
                "orchestrator account set eth/climate --shares 3 --guaranteed 20% --maximum 60% --lend-limit 50%",
                "orchestrator account set eth/climate --budget core-hours/hard/month=50000 --budget core-hours/hard/month/ada=5000 --running-max 100",
            ],
            (ExitCodes.Success, "done, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, shares, userShares, guaranteed, maximum, lend, borrow, running, budget, remove, halfLife, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var mistakes = new List<string>();
            var change = new AccountChange
            {
                Shares = parsed.GetValue(shares),
                Users = Users(parsed.GetValue(userShares) ?? [], mistakes),
                Guaranteed = Part("--guaranteed", parsed.GetValue(guaranteed), mistakes),
                Maximum = Part("--maximum", parsed.GetValue(maximum), mistakes),
                LendLimit = Part("--lend-limit", parsed.GetValue(lend), mistakes),
                MayBorrow = parsed.GetValue(borrow),
                RunningMax = Running(parsed.GetValue(running), mistakes),
                Budgets = [.. (parsed.GetValue(budget) ?? []).Select(text => ReadBudget(text, mistakes)).OfType<Budget>()],
                RemoveBudgets = [.. parsed.GetValue(remove) ?? []],
                UsageHalfLife = HalfLife(parsed.GetValue(halfLife), mistakes),
            };
            var account = Parse(parsed.GetRequiredValue(name));
            if (mistakes.Count > 0)
            {
                throw new CommandException(string.Join(Environment.NewLine, mistakes), ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            Write(context, await client.ChangeAccountAsync(account, change, cancellationToken: cancellationToken));
            return ExitCodes.Success;
        }));
        return command;
    }

    /// <exception cref="CommandException">It names no account.</exception>
    internal static AccountId Parse(string name)
    {
        var id = name.Split('/') is [{ Length: > 0 } institution, { Length: > 0 } project] ? $"p-{institution}.{project}" : name;
        return AccountId.TryParse(id, out var account) ? account : throw new CommandException($"\"{name}\" names no account; allowed: {AccountHelp}", ExitCodes.Unreadable);
    }

    /// <summary>UNIT/KIND/WINDOW[/USER]=LIMIT; null with a mistake.</summary>
    internal static Budget? ReadBudget(string text, List<string> mistakes)
    {
        var before = mistakes.Count;
        var equals = text.LastIndexOf('=');
        var parts = (equals < 0 ? text : text[..equals]).Split('/', 4);
        if (equals < 0 || parts.Length < 3)
        {
            mistakes.Add($"--budget {text}: it is not of the form UNIT/KIND/WINDOW[/USER]=LIMIT, as in core-hours/hard/month=50000");
            return null;
        }

        var unit = Choice(parts[0], Enum.GetValues<BudgetUnit>(), Budget.NameOf);
        var kind = Choice(parts[1], Enum.GetValues<BudgetKind>(), Budget.NameOf);
        var window = Choice(parts[2], Enum.GetValues<BudgetWindow>(), Budget.NameOf);
        if (!double.TryParse(text[(equals + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) || !(limit >= 0))
        {
            mistakes.Add($"--budget {text}: \"{text[(equals + 1)..]}\" is no limit; allowed: a number of units, 0 or more");
        }

        return mistakes.Count > before ? null : new() { Unit = unit, Kind = kind, Window = window, User = parts.Length > 3 ? parts[3] : "", Limit = limit };

        T Choice<T>(string word, T[] values, Func<T, string> name) where T : struct, Enum
        {
            foreach (var value in values)
            {
                if (name(value) == word && word != "absent")
                {
                    return value;
                }
            }

            mistakes.Add($"--budget {text}: \"{word}\" is not allowed; allowed: {string.Join(", ", values.Select(name).Where(static other => other != "absent"))}");
            return default;
        }
    }

    /// <summary>0.2 or 20%.</summary>
    internal static double? Part(string option, string? text, List<string> mistakes)
    {
        if (text is null)
        {
            return null;
        }

        if (double.TryParse(text.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && (text.EndsWith('%') ? number / 100 : number) is >= 0 and <= 1 and var part)
        {
            return part;
        }

        mistakes.Add($"{option} {text}: it is no part; allowed: 0 to 1, or 0% to 100%");
        return null;
    }

    private static ImmutableSortedDictionary<string, double> Users(string[] texts, List<string> mistakes)
    {
        var users = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (text.Split('=') is [{ Length: > 0 } user, var number] && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var shares) && shares >= 0)
            {
                users[user] = shares;
            }
            else
            {
                mistakes.Add($"--user-shares {text}: it is not of the form USER=N; allowed: a number above 0, or 0 to take the user out of the list");
            }
        }

        return users.ToImmutable();
    }

    private static int? Running(string? text, List<string> mistakes)
    {
        if (text is null or "none")
        {
            return text is null ? null : -1;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return count;
        }

        mistakes.Add($"--running-max {text}: it is no number; allowed: 0 or more, or none");
        return null;
    }

    private static TimeSpan? HalfLife(string? text, List<string> mistakes)
    {
        if (text is null)
        {
            return null;
        }

        if (DurationText.TryParse(text, out var duration, out var problem))
        {
            return duration;
        }

        mistakes.Add($"--half-life {problem}; allowed: {DurationText.Allowed}");
        return null;
    }

    private static void Write(CommandContext context, AccountView account)
    {
        if (context.Json)
        {
            context.WriteJson(account);
            return;
        }

        var output = context.Output;
        var terms = account.Terms;
        output.WriteLine(context.Style.Bold(account.Id.Value));
        output.WriteLine(FormattableString.Invariant($"  {terms.Shares:0.###} shares; guaranteed {terms.Guaranteed:0.#%}, at most {terms.Maximum:0.#%} of the cores; lends up to {terms.LendLimit:0.#%} of its guarantee, {(terms.MayBorrow ? "may borrow" : "does not borrow")}; {(terms.RunningMax is { } most ? $"{ReportText.Of(most, "attempt")} at once" : "any number of attempts at once")}"));
        output.WriteLine($"  used {Hours(account.Total.CoreTime)} core-hours, {Hours(account.Total.GpuTime)} GPU-hours in {Hours(account.Total.WallTime)} hours of attempts; half of it counts for the fair share after {DurationWords.Of(terms.UsageHalfLife)}");
        foreach (var line in account.Standing is { } standing ? Lines(standing) : [])
        {
            output.WriteLine("  " + line);
        }

        foreach (var budget in account.Budgets)
        {
            output.WriteLine("  " + Line(budget));
        }

        foreach (var user in account.ByUser.Keys.Union(terms.Users.Keys).Order(StringComparer.Ordinal))
        {
            var used = account.ByUser.GetValueOrDefault(user) ?? new();
            var counts = account.Usage.TryGetValue(user, out var seconds) ? FormattableString.Invariant($", {seconds / 3600:0.##} of them count now") : "";
            output.WriteLine(FormattableString.Invariant($"  {user}: {terms.Users.GetValueOrDefault(user, 1):0.###} shares, used {Hours(used.CoreTime)} core-hours{counts}"));
        }
    }

    /// <summary>What it has of the cluster now: a line, and one for what it borrows and lends, if anything.</summary>
    internal static IEnumerable<string> Lines(ShareStanding standing)
    {
        var gpus = standing.GpusHeld > 0 ? FormattableString.Invariant($" and {standing.GpusHeld:0.##} GPUs") : "";
        yield return $"now it holds {ReportText.Of(standing.Held, "core")} of {ReportText.Count(standing.Total)}{gpus} and waits for {ReportText.Count(standing.Waiting)} more; "
            + $"{ReportText.Count(standing.Guaranteed)} are guaranteed, {ReportText.Count(standing.Maximum)} the most; as things are asked for, {ReportText.Count(standing.Allotted)} are its own";
        if (standing.Borrowed > 0)
        {
            yield return $"it borrows {ReportText.Of(standing.Borrowed, "core")}: {string.Join(", ", standing.Loans.Where(loan => loan.Borrower == standing.Account).Select(static loan => $"{ReportText.Count(loan.Amount)} from {Other(loan.Lender)}"))}";
        }

        if (standing.Lent > 0)
        {
            yield return $"it lends {ReportText.Of(standing.Lent, "core")}: {string.Join(", ", standing.Loans.Where(loan => loan.Lender == standing.Account).Select(static loan => $"{ReportText.Count(loan.Amount)} to {Other(loan.Borrower)}"))}";
        }

        static string Other(string account) => account.Length == 0 ? "others" : account;
    }

    /// <summary><c>core-hours/hard/month  [######..............]  30 %  15 of 50 core-hours, 2 reserved, 33 left until …</c>.</summary>
    internal static string Line(BudgetView view)
    {
        var limit = view.Budget.Limit;
        var taken = limit > 0 ? Math.Clamp((view.Used + view.Reserved) / limit, 0, 1) : 1;
        var used = limit > 0 ? Math.Clamp(view.Used / limit, 0, 1) : 1;
        var (full, held) = ((int)Math.Round(used * BarWidth), (int)Math.Round(taken * BarWidth));
        var bar = new string('#', full) + new string('+', held - full) + new string('.', BarWidth - held);
        var left = view.Left is { } rest ? FormattableString.Invariant($", {rest:0.##} left") : "";
        var end = view.WindowEnd is { } until && until < DateTimeOffset.MaxValue ? $" until {ReportText.Moment(until)}" : "";
        var over = view.Overrun > 0 ? FormattableString.Invariant($", {view.Overrun:0.##} beyond it") : "";
        return FormattableString.Invariant($"{view.Key}  [{bar}]  {(limit > 0 ? view.Used / limit * 100 : 100):0} %  {view.Used:0.##} of {limit:0.##}, {view.Reserved:0.##} reserved{left}{over}{end}{(view.Status > BudgetStatus.Open ? $" ({Words.Status(view.Status)})" : "")}");
    }

    private static string Hours(TimeSpan time) => time.TotalHours.ToString("#,0.##", CultureInfo.InvariantCulture);
}
