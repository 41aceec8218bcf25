using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Cli.Commands;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Import;

/// <summary><c>orchestrator import job.sbatch</c>: a campaign that does what a batch script does, in segments that go on from restart files.</summary>
internal static partial class ImportCommand
{
    public static Command Create()
    {
        var script = new Argument<string>("SCRIPT") { Description = "A batch script with #SBATCH, #PBS or #BSUB lines." };
        var restart = new Option<string>("--restart") { Description = "Restart files that the program writes, as a glob; the newest go back into its folder when it goes on.", HelpName = "GLOB", DefaultValueFactory = static _ => "restart.*" };
        var project = new Option<string>("--project") { Description = "Whose it is.", HelpName = "INSTITUTION/PROJECT", DefaultValueFactory = static _ => "local/imported" };
        var file = new Option<string?>("--out") { Description = "Write the campaign there (default: standard output).", HelpName = "FILE" };
        var command = new DocumentedCommand(
            "import", "Make a campaign of a batch script; nothing is submitted.",
            ["orchestrator import job.sbatch --out campaign.yaml", "orchestrator import job.pbs --restart 'rst*.nc' --project mpi/ocean"],
            DocumentedCommand.Done, (ExitCodes.Invalid, "the campaign that it gives is not valid; it is written all the same, to be mended"), DocumentedCommand.Usage)
        {
            script, restart, project, file,
        };
        command.SetAction(CommandContext.Action(null, null, (context, parsed, _) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(script));
            var header = BatchScript.Read(File.ReadLines(path)) ?? throw new CommandException($"{path} has no line that begins with #SBATCH, #PBS or #BSUB", ExitCodes.Unreadable);
            var text = Campaign(path, header, parsed.GetRequiredValue(restart), parsed.GetRequiredValue(project));
            if (parsed.GetValue(file) is { } target)
            {
                File.WriteAllText(target, text);
            }
            else
            {
                context.Output.Write(text);
            }

            foreach (var line in header.NotTaken)
            {
                context.Error.WriteLine($"{path}: {line} has no counterpart and is left out");
            }

            var reading = CampaignFile.Read(text);
            foreach (var problem in reading.Problems)
            {
                context.Error.WriteLine($"{parsed.GetValue(file) ?? "campaign"}:{problem}");
            }

            return Task.FromResult(reading.Campaign is null ? ExitCodes.Invalid : ExitCodes.Success);
        }));
        return command;
    }

    /// <summary>The text of the campaign.</summary>
    public static string Campaign(string path, BatchScript header, string restart, string project)
    {
        var name = NotInNames().Replace(header.Name ?? Path.GetFileNameWithoutExtension(path), "-").Trim('-', '.');
        name = name.Length is >= 1 and <= 60 ? name : "imported";
        var folder = Quoted(Path.GetDirectoryName(path)!);

        // Its own folder stays as it is: what it reads is linked into the folder of the run, where it writes.
        var (members, member) = header.Members is { } array ? Numbered(array) : ("", "");
        var index = header.Members is null ? "" : $"{header.System switch { "Slurm" => "SLURM_ARRAY_TASK_ID", "PBS" => "PBS_ARRAY_INDEX", _ => "LSB_JOBINDEX" }}={member} ";
        var run = $"ln -sfn {folder}/* . && {index}bash {Quoted(path)}";
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Made of {Path.GetFileName(path)} ({header.System}). Check what is estimated, and which files a restart needs.");
        text.AppendLine(CultureInfo.InvariantCulture, $"name: {name}");
        text.AppendLine(CultureInfo.InvariantCulture, $"project: {project}");
        if (members.Length > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"members: {members}    # the array");
        }

        text.AppendLine("stages:");
        text.AppendLine("  job:");
        text.AppendLine(CultureInfo.InvariantCulture, $"    run: {Yaml(run)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"    restart: {Yaml($"cp -a {{restore}}/. . && {run}")}");
        AppendUnless(text, "nodes", header.Nodes, 1);
        AppendUnless(text, "ranks_per_node", header.RanksPerNode, 1);
        AppendUnless(text, "threads", header.Threads, 1);
        AppendUnless(text, "gpus", header.Gpus, 0);
        if (header.Memory is { } memory)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    memory: {memory}");
        }

        if (header.Walltime is { } walltime)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    walltime: {Yaml(walltime)}    # of one segment; the next goes on from the restart files");
            text.AppendLine(CultureInfo.InvariantCulture, $"    duration: {Yaml(walltime)}    # an estimate of the whole");
        }

        text.AppendLine("    checkpoint:");
        text.AppendLine("      every: program");
        text.AppendLine(CultureInfo.InvariantCulture, $"      files: {Yaml(restart)}");
        return text.ToString();
    }

    /// <summary>Members count from 1, indices from 0: where an array has an index 0, the shell makes its indices of the numbers of members.</summary>
    private static (string Members, string Index) Numbered(IReadOnlyList<int> array)
    {
        if (array[0] >= 1)
        {
            return (array[0] == 1 && array[^1] == array.Count ? $"{array.Count}" : $"[{string.Join(", ", array)}]", "{member}");
        }

        var step = array.Count > 1 ? array[1] : 1;
        var isEven = array.Index().All(each => each.Item == each.Index * step);
        var index = !isEven ? $"$(echo {string.Join(' ', array)} | cut -d' ' -f{{member}})" : step == 1 ? "$(({member} - 1))" : $"$((({{member}} - 1) * {step}))";
        return ($"{array.Count}", index);
    }

    private static void AppendUnless(StringBuilder text, string key, int value, int usual)
    {
        if (value != usual)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    {key}: {value}");
        }
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Yaml(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    [GeneratedRegex("[^A-Za-z0-9._-]+")]
    private static partial Regex NotInNames();
}
