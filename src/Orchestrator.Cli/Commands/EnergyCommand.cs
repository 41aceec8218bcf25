using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator energy show|set</c>.</summary>
internal static class EnergyCommand
{
    private const string ByPolicy = "policy";
    private const string Modes = "performance, balanced, efficiency, night-savings, or policy: as the policy says";

    public static Command Create() => new("energy", "Energy: the mode in force, and what a kilowatt-hour costs when.") { Show(), Set() };

    private static DocumentedCommand Show()
    {
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "show", "Show the energy mode in force, the prices from now on, and what each mode would save.", ["orchestrator energy show"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, _, cancellationToken) =>
        {
            using var client = context.Connect();
            Write(context, await client.GetEnergyAsync(cancellationToken));
            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Set()
    {
        var mode = new Argument<string?>("MODE") { Description = Modes + ". Default: it stays.", Arity = ArgumentArity.ZeroOrOne };
        var price = new Option<string[]>("--price")
        {
            Description = "What a kilowatt-hour costs from a moment on, in money or grams of CO2: now=0.15, +6h=0.08, 2026-08-01T20:00Z=0.08. Can be repeated; the prices before are forgotten.",
            HelpName = "MOMENT=COST",
        };
        var tariff = new Option<bool>("--tariff") { Description = "Forget the prices: the tariff of the policy holds." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "set", "Set the energy mode, or the prices; in force with the next plan. For operators.",
            ["orchestrator energy set efficiency", "orchestrator energy set --price now=0.15 --price +6h=0.08", "orchestrator energy set policy --tariff"],
            (ExitCodes.Success, "set, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { mode, price, tariff, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var mistakes = new List<string>();
            var (word, forget) = (parsed.GetValue(mode), parsed.GetValue(tariff));
            var chosen = Mode(word, mistakes);
            var prices = Prices(parsed.GetValue(price) ?? [], context.Clock.GetUtcNow(), mistakes);
            if (word is null && prices.IsEmpty && !forget)
            {
                mistakes.Add($"nothing is to be set; give a MODE ({Modes}), --price or --tariff");
            }

            if (forget && !prices.IsEmpty)
            {
                mistakes.Add("--price and --tariff contradict each other: one of them is allowed");
            }

            if (mistakes.Count > 0)
            {
                throw new CommandException(string.Join(Environment.NewLine, mistakes), ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            var before = await client.GetEnergyAsync(cancellationToken);
            await client.SetEnergyAsync(new() { Mode = word is null ? before.Mode : chosen, Prices = forget ? [] : prices.IsEmpty ? before.Prices : prices }, cancellationToken: cancellationToken);
            Write(context, await client.GetEnergyAsync(cancellationToken));
            return ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>The lines of the report.</summary>
    internal static IEnumerable<string> Lines(EnergyReport report)
    {
        yield return report.InForce == EnergyMode.Absent
            ? "no mode: energy decides nothing"
            : $"mode: {Words.Status(report.InForce)}, {(report.Mode == EnergyMode.Absent ? "by the policy" : "set by an operator")}";
        yield return $"a kilowatt-hour costs, {(report.Prices.IsDefaultOrEmpty ? "by the tariff of the policy" : "as was set")}:";
        foreach (var price in report.Ahead)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"  from {ReportText.Moment(price.From)}  {price.PerKilowattHour:0.####}");
        }

        if (report.Watts > 0)
        {
            var saved = report.Savings.Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Value * 100:0} % in {Words.Status(one.Key)}"));
            yield return string.Create(CultureInfo.InvariantCulture, $"all nodes at work draw {report.Watts / 1000:0.##} kW in performance; less by {string.Join(", ", saved)} (estimated by their classes)");
        }
    }

    /// <summary>Absent: the policy's, or a mistake.</summary>
    internal static EnergyMode Mode(string? word, List<string> mistakes)
    {
        foreach (var mode in Enum.GetValues<EnergyMode>())
        {
            if (mode != EnergyMode.Absent && Words.Status(mode).Replace(' ', '-') == word)
            {
                return mode;
            }
        }

        if (word is not null && word != ByPolicy)
        {
            mistakes.Add($"MODE: \"{word}\" is not allowed; allowed: {Modes}");
        }

        return EnergyMode.Absent;
    }

    /// <summary>By their moments.</summary>
    internal static ImmutableArray<EnergyPrice> Prices(string[] texts, DateTimeOffset now, List<string> mistakes)
    {
        var prices = new List<EnergyPrice>();
        foreach (var text in texts)
        {
            var at = text.LastIndexOf('=');
            if (at < 0 || !double.TryParse(text[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var cost) || !double.IsFinite(cost))
            {
                mistakes.Add($"--price {text}: it is not of the form MOMENT=COST; allowed: a moment and a number, as in +6h=0.08");
            }
            else if (!MomentText.TryParse(text[..at], now, out var from, out var problem))
            {
                mistakes.Add($"--price {text}: {problem}; allowed: {MomentText.Allowed}");
            }
            else if (prices.Exists(other => other.From == from))
            {
                mistakes.Add($"--price {text}: there is another price from the same moment on; allowed: one for each moment");
            }
            else
            {
                prices.Add(new() { From = from, PerKilowattHour = cost });
            }
        }

        return [.. prices.OrderBy(static one => one.From)];
    }

    private static void Write(CommandContext context, EnergyReport report)
    {
        if (context.Json)
        {
            context.WriteJson(report);
            return;
        }

        foreach (var line in Lines(report))
        {
            context.Output.WriteLine(line);
        }
    }
}
