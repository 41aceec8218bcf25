using Climate.Output;
using Climate.Protocol;

namespace Climate.Commands;

/// <summary>Reads a history, prints its diagnostics, stores them as <c>diagnostics.json</c> in the run directory, and reports them as metrics.</summary>
internal static class DiagnoseCommand
{
    public static int Run(string path, RunEnvironment environment, TextWriter output)
    {
        using var history = new NetCdfReader(path);
        var diagnostics = Diagnostics.Of(history);
        diagnostics.WriteTo(Path.Combine(environment.RunDirectory ?? ".", "diagnostics.json"));
        output.WriteLine(diagnostics.ToJson());
        var progress = new ProgressFile(environment.ProgressFile);
        progress.Report(1, diagnostics.Step, diagnostics.Metrics);
        progress.Artifact("diagnostics.json", 1);
        return ExitCode.Done;
    }
}
