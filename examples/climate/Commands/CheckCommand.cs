using Climate.Output;
using Climate.Protocol;

namespace Climate.Commands;

/// <summary>Verifies a restart: its hash and layout, and that the history beside it, if there is one, can be read.</summary>
internal static class CheckCommand
{
    public static int Run(string path, TextWriter output, TextWriter errors)
    {
        var file = RestartFile.Locate(path);
        try
        {
            if (!File.Exists(file))
            {
                errors.WriteLine($"climate: {file} does not exist");
                return ExitCode.No;
            }

            var restart = RestartFile.Read(file);
            if (restart.State.Fields.Any(field => field.Any(value => !double.IsFinite(value))))
            {
                errors.WriteLine($"climate: {file} holds values that are not finite");
                return ExitCode.No;
            }

            var history = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, HistoryFile.Name);
            if (File.Exists(history) && !HistoryFile.Holds(history, restart.Identity, restart.State.Step, restart.HistoryDigest))
            {
                errors.WriteLine($"climate: {history} is not the history of {file}");
                return ExitCode.No;
            }

            output.WriteLine($"step {restart.State.Step}, {restart.Identity.Columns}x{restart.Identity.Rows}, seed {restart.Identity.Seed}, member {restart.Identity.Member}, sha256 {restart.Hash}");
            return ExitCode.Done;
        }
        catch (InvalidDataException e)
        {
            errors.WriteLine($"climate: {e.Message}");
            return ExitCode.No;
        }
    }
}
