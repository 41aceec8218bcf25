namespace Orchestrator.Client.Tests;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("orchestrator-client-").FullName;

    [Fact]
    public void What_is_given_wins_and_is_relative_to_the_working_directory() => DataDirectory.Find("here", root).ShouldBe(Path.Combine(root, "here"));

    [Fact]
    public void The_nearest_one_above_is_found()
    {
        var nearest = Directory.CreateDirectory(Path.Combine(root, "a", DataDirectory.DefaultName)).FullName;
        Directory.CreateDirectory(Path.Combine(root, DataDirectory.DefaultName));
        var deep = Directory.CreateDirectory(Path.Combine(root, "a", "b", "c")).FullName;

        DataDirectory.Find(workingDirectory: deep).ShouldBe(nearest);
    }

    [Fact]
    public void Without_any_it_is_the_one_that_would_be_made_here() => DataDirectory.Find(workingDirectory: root).ShouldBe(Path.Combine(root, DataDirectory.DefaultName));

    [Fact]
    public void A_file_that_is_no_endpoint_is_an_error_with_its_path()
    {
        var file = Path.Combine(root, "gateway.json");
        File.WriteAllText(file, "{");

        Should.Throw<OrchestratorClientException>(() => DataDirectory.ReadEndpoint(root)).Message.ShouldStartWith($"{file} cannot be read");
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
