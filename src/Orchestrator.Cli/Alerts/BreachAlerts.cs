using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Reports;

namespace Orchestrator.Cli.Alerts;

/// <summary>Tells breaches of health to a command and to a service, each once for as long as it lasts. What one of them did not take is recorded, and told again with the next report; a service that did not take one is left alone until then.</summary>
internal sealed class BreachAlerts(string data, HealthLimits limits, TextWriter error, TimeProvider clock)
{
    private const string CommandChannel = "command";

    /// <param name="breaches">Those that last now.</param>
    /// <param name="command">Gets each as JSON on its input; null: none.</param>
    /// <param name="webhook">Gets each as JSON; null: none.</param>
    /// <param name="cancellationToken">Gives up; what was taken until then is kept.</param>
    public async Task TellAsync(ImmutableArray<HealthBreach> breaches, string? command, Webhook? webhook, CancellationToken cancellationToken)
    {
        using var mine = Lock();
        if (mine is null)
        {
            error.WriteLine("another report tells breaches at this moment: what is new is told with the next report");
            return;
        }

        var book = new AlertBook(data, limits, breaches, clock.GetUtcNow());
        book.Save();
        var isGone = false;
        foreach (var breach in breaches)
        {
            if (command is not null && !book.WasTold(breach, CommandChannel))
            {
                Note(book, breach, CommandChannel, $"--alert {command}", await ShellLine.TellAsync(command, Text(book, breach), cancellationToken), 1);
            }

            // Another address is another receiver; the address itself may hold a secret.
            var channel = webhook is null ? "" : $"webhook {webhook.Name} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(webhook.Address)))[..12]}";
            if (webhook is not null && !isGone && !book.WasTold(breach, channel))
            {
                var (problem, tries) = await webhook.PostAsync(book.IdOf(breach), Text(book, breach), cancellationToken);

                // Who did not take one is not asked about a hundred more, each with its tries and pauses: the next report does.
                isGone = problem is not null;
                Note(book, breach, channel, $"--webhook {webhook.Name}", problem, tries);
            }
        }
    }

    /// <summary>Two reports at once would tell twice, and forget what the other one told. Null: another one has it.</summary>
    private FileStream? Lock()
    {
        var path = Path.Combine(data, "health-alerts.lock");
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    private static string Text(AlertBook book, HealthBreach breach) => JsonSerializer.Serialize(new
    {
        id = book.IdOf(breach),
        @event = "health-breach",
        simulation = breach.Simulation,
        what = breach.What,
        text = breach.Text,
        since = book.SinceOf(breach),
    });

    private void Note(AlertBook book, HealthBreach breach, string channel, string name, string? problem, int tries)
    {
        if (problem is null)
        {
            book.Told(breach, channel);
            return;
        }

        book.Failed(breach, channel, tries, problem, clock.GetUtcNow());
        error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {problem}{(tries > 1 ? $", {tries} times" : "")}; \"{breach.Text}\" will be told again"));
    }
}
