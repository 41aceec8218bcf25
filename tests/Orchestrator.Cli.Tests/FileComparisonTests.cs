using Orchestrator.Cli.Rehearsal;

namespace Orchestrator.Cli.Tests;

/// <summary>How two files differ, in the words of a rehearsal.</summary>
public sealed class FileComparisonTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-compare-");

    [Fact]
    public void The_same_bytes_are_identical() => Of("a,1\nb,2\n", "a,1\nb,2\n").ShouldBe(new FileComparison { File = "f", Identical = true, Text = "f is bit-identical" });

    [Fact]
    public void A_repeated_line_is_a_repeated_record()
    {
        var found = Of("1,a\n2,b\n3,c\n", "1,a\n2,b\n2,b\n3,c\n");

        found.Repeated.ShouldBe(1);
        found.Text.ShouldBe("repeats 1 record of f");
        found.IsWithin(1e9).ShouldBeFalse();
    }

    [Fact]
    public void A_record_that_is_not_there_is_missed() => Of("1,a\n2,b\n3,c\n", "1,a\n3,c\n").Text.ShouldBe("misses 1 record of f");

    [Theory]
    [InlineData("step,tas,co2\n1,287.1,400\n", "step,tas,co2\n1,287.1000001,400\n", "tas")]
    [InlineData("{ \"tas\": 287.1 }\n", "{ \"tas\": 287.1000001 }\n", "tas")]
    [InlineData("1 287.1\n", "1 287.1000001\n", "column 2")]
    public void The_largest_difference_of_numbers_is_named(string undisturbed, string disturbed, string variable)
    {
        var found = Of(undisturbed, disturbed);

        found.Variable.ShouldBe(variable);
        found.Largest.ShouldBe(1e-7, 1e-9);
        found.IsWithin(1e-6).ShouldBeTrue();
        found.IsWithin(1e-8).ShouldBeFalse();
        found.Text.ShouldBe($"f differs in {variable} by 1e-7");
    }

    [Fact]
    public void Other_words_are_no_matter_of_tolerance()
    {
        var found = Of("1 fine\n", "1 wrong\n");

        found.Text.ShouldBe("f differs in the words of line 1");
        found.IsWithin(1e9).ShouldBeFalse();
    }

    [Fact]
    public void Binary_files_differ_as_a_whole() => Of("a\0b", "a\0c!").Text.ShouldBe("f differs (4 bytes, undisturbed 3)");

    [Fact]
    public void A_file_that_is_missing_is_named() =>
        FileComparison.Of("f", Path.Combine(folder.FullName, "nothing"), Path.Combine(folder.FullName, "nothing")).Text.ShouldBe("f is missing");

    [Fact]
    public void NetCDF_is_compared_by_its_variables()
    {
        var text = NetCdfText.Parse("netcdf a {\ndimensions:\n\ttime = UNLIMITED ; // (2 currently)\ndata:\n\n time = 1, 2 ;\n\n tas = 287.5,\n  288 ;\n}\n");

        text.Records.ShouldBe("time");
        text.Variables["tas"].ShouldBe(["287.5", "288"]);
        text.Variables["time"].ShouldBe(["1", "2"]);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private FileComparison Of(string undisturbed, string disturbed)
    {
        var (one, other) = (Path.Combine(folder.FullName, "one"), Path.Combine(folder.FullName, "other"));
        File.WriteAllText(one, undisturbed);
        File.WriteAllText(other, disturbed);
        return FileComparison.Of("f", one, other);
    }
}
