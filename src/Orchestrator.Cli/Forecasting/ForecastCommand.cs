using System.CommandLine;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using Orchestrator.Cli.Commands;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Backtests;
using Orchestrator.Core.Forecasting.Methods;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Cli.Forecasting;

/// <summary><c>orchestrator forecast FILE.csv</c>: what is to be expected of any table of use, and how such forecasts would have come true.</summary>
internal static class ForecastCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A table (.csv, also .gz) with a heading: a row for each measurement." };
        var time = new Option<string>("--time") { Description = "The column of the times: ISO 8601 (UTC where no zone is given), 2004-07 for a month, 20040731, or seconds since 1970.", HelpName = "COLUMN", Required = true };
        var value = new Option<string>("--value") { Description = "The column of the values; empty or NaN: not measured.", HelpName = "COLUMN", Required = true };
        var by = new Option<string?>("--by") { Description = "The column that tells series apart: user, project, machine (default: one series).", HelpName = "COLUMN" };
        var step = new Option<string>("--step") { Description = "Spacing of the series.", HelpName = "hour|day|week|month", Required = true };
        var horizon = new Option<int>("--horizon") { Description = "Steps ahead, up to 5 years.", HelpName = "N", Required = true };
        var method = new Option<string>("--method") { Description = $"auto (by what each would have said in the past), or one of {string.Join(", ", ForecastMethods.Names)}.", HelpName = "NAME", DefaultValueFactory = static _ => "auto" };
        var level = new Option<double>("--level") { Description = "What part of all that comes the intervals shall cover.", HelpName = "PART", DefaultValueFactory = static _ => 0.9 };
        var aggregate = new Option<string>("--aggregate") { Description = "Several measurements of a step: sum, mean, median, max, min, p90, p95 or p99.", HelpName = "HOW", DefaultValueFactory = static _ => "sum" };
        var missing = new Option<string>("--missing") { Description = "A step without a measurement: zero, unknown (filled in), or guess (zero where more than a tenth is missing).", HelpName = "zero|unknown|guess", DefaultValueFactory = static _ => "guess" };
        var backtest = new Option<bool>("--backtest") { Description = "Forecast from moments of the past instead, and compare with what came." };
        var origins = new Option<int>("--origins") { Description = "With --backtest: so many moments of each series at most (default: every month, or 12).", HelpName = "N" };
        var history = new Option<int>("--history") { Description = "With --backtest: so many steps lie before the first moment (default: 12 months, 26 weeks, 56 days, 336 hours).", HelpName = "N" };
        var planned = new Option<string?>("--planned") { Description = "Work that is known already: a table with name, from, until, amount[, probability][, extra].", HelpName = "FILE.csv" };
        var calendar = new Option<string?>("--calendar") { Description = "Times when another share of the usual is used: a table with name, from, until, factor (0: closed).", HelpName = "FILE.csv" };
        var json = CommonOptions.Json();
        step.AcceptOnlyFromAmong("hour", "day", "week", "month");
        aggregate.AcceptOnlyFromAmong("sum", "mean", "median", "max", "min", "p90", "p95", "p99");
        missing.AcceptOnlyFromAmong("zero", "unknown", "guess");
        AtLeast(horizon, 1);
        AtLeast(origins, 1);
        AtLeast(history, 3);
        var command = new DocumentedCommand(
            "forecast", "Forecast the series of a table, with intervals; with --backtest, how forecasts would have come true. Nothing needs to run.",
            ["orchestrator forecast usage.csv --time month --value core_hours --by project --step month --horizon 6", "orchestrator forecast usage.csv --time day --value gpu_hours --step day --horizon 30 --backtest --json"],
            DocumentedCommand.Done, (ExitCodes.Invalid, "no series could be forecast"), DocumentedCommand.Usage)
        {
            file, time, value, by, step, horizon, method, level, aggregate, missing, planned, calendar, backtest, origins, history, json,
        };
        command.SetAction(CommandContext.Action(null, json, (context, parsed, cancellationToken) =>
        {
            try
            {
                var table = Read(parsed.GetRequiredValue(file), parsed.GetRequiredValue(time), parsed.GetRequiredValue(value), parsed.GetValue(by));
                var series = table.Build(Enum.Parse<SeriesStep>(parsed.GetRequiredValue(step), ignoreCase: true), Enum.Parse<Aggregation>(parsed.GetRequiredValue(aggregate), ignoreCase: true), Enum.Parse<MissingSteps>(parsed.GetRequiredValue(missing), ignoreCase: true)).ToArray();
                var name = parsed.GetRequiredValue(method);
                var options = new ForecastOptions
                {
                    Horizon = parsed.GetValue(horizon),
                    Level = parsed.GetValue(level),
                    Method = name == "auto" ? null : name,
                    Planned = parsed.GetValue(planned) is { } work ? Rows(work, PlannedTable.Work) : [],
                    Calendar = parsed.GetValue(calendar) is { } days ? Rows(days, PlannedTable.Calendar) : [],
                };
                return Task.FromResult(parsed.GetValue(backtest)
                    ? Backtested(context, series, options, parsed.GetValue(origins), parsed.GetValue(history), cancellationToken)
                    : Forecast(context, series, options, cancellationToken));
            }
            catch (ForecastException fault)
            {
                throw new CommandException(fault.Message, ExitCodes.Unreadable);
            }
            catch (InvalidDataException fault)
            {
                throw new CommandException($"{parsed.GetValue(file)}: {fault.Message}", ExitCodes.Unreadable);
            }
        }));
        return command;
    }

    private static int Forecast(CommandContext context, (string Name, TimeSeries? Series, string? Problem)[] series, ForecastOptions options, CancellationToken cancellationToken)
    {
        var forecasts = EachInOrder(series, each => Forecaster.Forecast(each, options), cancellationToken);
        var report = new ForecastReport(options, [.. forecasts], Problems(series));
        report.Write(context);
        return forecasts.Length > 0 ? ExitCodes.Success : ExitCodes.Invalid;
    }

    private static int Backtested(CommandContext context, (string Name, TimeSeries? Series, string? Problem)[] series, ForecastOptions options, int origins, int history, CancellationToken cancellationToken)
    {
        var backtests = EachInOrder(series, each => Backtest.Of(each, options, origins, history), cancellationToken);
        var report = new BacktestReport(options, [.. backtests], Problems(series));
        report.Write(context);
        return backtests.Length > 0 ? ExitCodes.Success : ExitCodes.Invalid;
    }

    /// <summary>Series know nothing of each other, so all processors work; the answers keep the order of the table.</summary>
    private static T[] EachInOrder<T>((string Name, TimeSeries? Series, string? Problem)[] series, Func<TimeSeries, T> answer, CancellationToken cancellationToken)
    {
        var known = series.Where(static each => each.Series is not null).Select(static each => each.Series!).ToArray();
        var answers = new T[known.Length];
        try
        {
            Parallel.For(0, known.Length, new ParallelOptions { CancellationToken = cancellationToken }, at => answers[at] = answer(known[at]));
        }
        catch (AggregateException faults) when (faults.InnerExceptions.All(static fault => fault is ForecastException))
        {
            // What is wrong with the options is the same for every series.
            throw faults.InnerExceptions[0];
        }

        return answers;
    }

    private static ImmutableArray<(string Name, string Problem)> Problems((string Name, TimeSeries? Series, string? Problem)[] series) =>
        [.. series.Where(static each => each.Problem is not null).Select(static each => (each.Name, each.Problem!))];

    private static ImmutableArray<T> Rows<T>(string path, Func<TextReader, string, ImmutableArray<T>> read)
    {
        using var text = File.OpenText(path);
        return read(text, Path.GetFileName(path));
    }

    private static SeriesTable Read(string path, string time, string value, string? by)
    {
        using var file = File.OpenRead(path);
        using var content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var text = new StreamReader(content);
        return SeriesTable.Read(text, Path.GetFileName(path), time, value, by);
    }

    private static void AtLeast(Option<int> option, int least) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be a whole number from {least}."));
            }
        });
}
