using System.Text.Json;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Replay;
using Orchestrator.Core.Reports;

namespace Orchestrator.Cli.Usage;

/// <summary>Copies of the reports that were made, in the data directory, so that what was told can be looked at again: the newest two hundred.</summary>
internal static class ReportStore
{
    private const int Most = 200;

    /// <summary>Keeps a copy where there is a data directory; the same report again is kept once.</summary>
    public static void Keep(CommandContext context, Report report)
    {
        if (!Directory.Exists(context.Data) || report.Id.Length == 0)
        {
            return;
        }

        try
        {
            var folder = Directory.CreateDirectory(FolderOf(context));
            using (var file = new WholeFile(Path.Combine(folder.FullName, report.Id + ".json")))
            {
                file.Write(output => output.Write(ReportCopy.Write(report)));
                file.Keep();
            }

            foreach (var old in folder.GetFiles("*.json").OrderByDescending(static file => file.LastWriteTimeUtc).ThenBy(static file => file.Name, StringComparer.Ordinal).Skip(Most))
            {
                old.Delete();
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Who may only read the data directory gets the report all the same.
            context.Error.WriteLine($"no copy of {report.Id} is kept: {fault.Message}");
        }
    }

    /// <summary>The newest first; what is damaged is told and passed over.</summary>
    public static IEnumerable<Report> All(CommandContext context)
    {
        var folder = new DirectoryInfo(FolderOf(context));
        FileInfo[] files = folder.Exists ? folder.GetFiles("*.json") : [];
        foreach (var file in files.OrderByDescending(static file => file.LastWriteTimeUtc).ThenBy(static file => file.Name, StringComparer.Ordinal))
        {
            Report report;
            try
            {
                report = Read(file.FullName);
            }
            catch (CommandException damaged)
            {
                context.Error.WriteLine(damaged.Message);
                continue;
            }

            yield return report;
        }
    }

    /// <exception cref="CommandException">There is none of this id.</exception>
    public static Report Find(CommandContext context, string id)
    {
        var path = Path.Combine(FolderOf(context), id + ".json");
        return id.AsSpan().ContainsAny("/\\") || !File.Exists(path) ? throw new CommandException($"no report {id} is kept in {context.Data}; `orchestrator report stored` lists them", ExitCodes.NotFound) : Read(path);
    }

    private static string FolderOf(CommandContext context) => Path.Combine(context.Data, "reports");

    private static Report Read(string path)
    {
        try
        {
            return ReportCopy.Read(File.ReadAllText(path));
        }
        catch (JsonException fault)
        {
            throw new CommandException($"{path} is damaged: {fault.Message}", ExitCodes.Unreadable);
        }
    }
}
