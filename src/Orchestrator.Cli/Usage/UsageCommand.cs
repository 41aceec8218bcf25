using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Usage;

namespace Orchestrator.Cli.Usage;

/// <summary><c>orchestrator usage [FILE...]</c>: what was used, by whom, when.</summary>
internal static class UsageCommand
{
    private const double GiB = 1024.0 * 1024 * 1024;

    private static readonly string[] Dimensions = ["total", "institution", "project", "user", "simulation", "stage", "task", "node"];

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Logs of a batch system: .swf (Standard Workload Format) or the output of sacct -P, each also .gz. Default: what the service counted.", Arity = ArgumentArity.ZeroOrMore };
        var by = new Option<string>("--by") { Description = "What is told apart.", HelpName = string.Join('|', Dimensions), DefaultValueFactory = static _ => "user" };
        var step = new Option<string>("--step") { Description = "Spacing.", HelpName = "minute|hour|day|week|month", DefaultValueFactory = static _ => "month" };
        var account = new Option<string?>("--account") { Description = "Of the service, only this account: institution/project.", HelpName = "ACCOUNT" };
        var csv = new Option<bool>("--csv") { Description = "Print a table for other programs, such as `orchestrator forecast`." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        by.AcceptOnlyFromAmong(Dimensions);
        step.AcceptOnlyFromAmong("minute", "hour", "day", "week", "month");
        var command = new DocumentedCommand(
            "usage", "What was used, by whom and when: core-, GPU-, node- and memory-hours, cost. Of the service, or of the logs of a batch system.",
            ["orchestrator usage --by user --step day", "orchestrator usage sacct.txt --by project --csv", "orchestrator usage KTH-SP2.swf.gz --by user --step month --json"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound)
        {
            files, by, step, account, csv, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var dimension = Enum.Parse<UsageDimension>(parsed.GetRequiredValue(by), ignoreCase: true);
            var spacing = Enum.Parse<SeriesStep>(parsed.GetRequiredValue(step), ignoreCase: true);
            var paths = parsed.GetValue(files) ?? [];
            if (paths.Length > 0)
            {
                var import = UsageFiles.Read(paths);
                var records = parsed.GetValue(account) is { } only ? import.Records.Where(record => $"{record.Institution}/{record.Project}" == only || record.Project == only).ToImmutableArray() : import.Records;
                Write(context, Rows(records, dimension, spacing), import.Notes, dimension, parsed.GetValue(csv));
            }
            else
            {
                var query = new UsageQuery { By = dimension, Step = spacing };
                Write(context, await OfServiceAsync(context, parsed.GetValue(account), query, cancellationToken), ["minutes are kept for three hours, hours for two weeks (both of the total), days for three months (of the total for three years), months for ever", .. dimension >= UsageDimension.Simulation ? (string[])[$"the newest {UsageBook.NamesMax} of each account are told apart, what the rest used is {UsageBook.Others}"] : []], dimension, parsed.GetValue(csv));
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>What accounts counted; those of one name in several accounts together.</summary>
    private static async Task<List<UsageRow>> OfServiceAsync(CommandContext context, string? account, UsageQuery query, CancellationToken cancellationToken)
    {
        using var client = context.Connect();
        var accounts = new List<AccountId>();
        if (account is not null)
        {
            accounts.Add(AccountCommand.Parse(account));
        }
        else
        {
            await foreach (var each in client.ListAccountsAsync(cancellationToken))
            {
                accounts.Add(each.Id);
            }
        }

        var sums = new SortedDictionary<(string Name, DateTimeOffset Start), UsageAmounts>();
        foreach (var each in accounts)
        {
            foreach (var row in await client.GetUsageAsync(each, query, cancellationToken))
            {
                var key = (row.Name, row.Start);
                sums[key] = sums.TryGetValue(key, out var known) ? known + row.Amounts : row.Amounts;
            }
        }

        return [.. sums.Select(static each => new UsageRow { Name = each.Key.Name, Start = each.Key.Start, Amounts = each.Value })];
    }

    /// <summary>Sums by name and step; steps in which nothing was used are left out.</summary>
    private static List<UsageRow> Rows(ImmutableArray<UsageRecord> records, UsageDimension dimension, SeriesStep step)
    {
        var rows = new List<UsageRow>();
        foreach (var group in UsageNames.Each(records, dimension).GroupBy(static each => each.Name, static each => each.Record, StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            var buckets = new SortedDictionary<long, UsageAmounts>();
            foreach (var record in group)
            {
                foreach (var (index, amounts) in UsageSeries.Split(record.From, record.Until, record.Amounts, step))
                {
                    buckets[index] = buckets.TryGetValue(index, out var known) ? known + amounts : amounts;
                }
            }

            rows.AddRange(buckets.Select(bucket => new UsageRow { Name = group.Key, Start = SeriesCalendar.StartOf(bucket.Key, step), Amounts = bucket.Value }));
        }

        return rows;
    }

    private static void Write(CommandContext context, List<UsageRow> rows, ImmutableArray<string> notes, UsageDimension dimension, bool csv)
    {
        var name = UsageBook.NameOf(dimension);
        var rates = new UsageRates();
        if (context.Json)
        {
            context.WriteJson(new
            {
                by = name,
                rows = rows.Select(row => new
                {
                    name = row.Name,
                    time = row.Start,
                    jobs = row.Amounts.Attempts,
                    coreHours = row.Amounts.Cores / 3600,
                    gpuHours = row.Amounts.Gpus / 3600,
                    nodeHours = row.Amounts.Nodes / 3600,
                    memoryGiBHours = row.Amounts.Memory / 3600 / GiB,
                    storageGiB = row.Amounts.Storage / GiB,
                    energyJoules = row.Amounts.Energy,
                    busyCoreHours = row.Amounts.Busy / 3600,
                    cost = rates.CostOf(row.Amounts),
                }),
                notes,
            });
            return;
        }

        if (csv)
        {
            context.Output.WriteLine($"{name},time,jobs,core_hours,gpu_hours,node_hours,memory_gib_hours,storage_gib,energy_joules,busy_core_hours,cost");
            foreach (var row in rows)
            {
                context.Output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Quoted(row.Name)},{row.Start.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ},{row.Amounts.Attempts},{row.Amounts.Cores / 3600:R},{row.Amounts.Gpus / 3600:R},{row.Amounts.Nodes / 3600:R},{row.Amounts.Memory / 3600 / GiB:R},{row.Amounts.Storage / GiB:R},{row.Amounts.Energy:R},{row.Amounts.Busy / 3600:R},{rates.CostOf(row.Amounts):R}"));
            }

            return;
        }

        var table = new TextTable("TIME", name.ToUpperInvariant(), "JOBS", "CORE-HOURS", "GPU-HOURS", "NODE-HOURS", "COST");
        foreach (var row in rows.OrderBy(static row => row.Start).ThenByDescending(static row => row.Amounts.Cores))
        {
            table.Add(row.Start.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), row.Name.Length > 0 ? row.Name : "-", Number(row.Amounts.Attempts), Number(row.Amounts.Cores / 3600), Number(row.Amounts.Gpus / 3600), Number(row.Amounts.Nodes / 3600), Number(rates.CostOf(row.Amounts)));
        }

        table.Write(context.Output, context.Style);
        foreach (var note in notes)
        {
            context.Output.WriteLine($"  {note}");
        }
    }

    private static string Quoted(string cell) => cell.AsSpan().IndexOfAny(",\"\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);
}
