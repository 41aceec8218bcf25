namespace Orchestrator.Pilot.Tests;

/// <summary>Batch scripts become campaigns that are valid.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly Flight flight = new();

    [Fact]
    public async Task Slurm_headers_are_taken()
    {
        var campaign = await ImportAsync("""
            #!/bin/bash
            #SBATCH --job-name=ocean.01
            #SBATCH -N 4 --ntasks-per-node=16
            #SBATCH --cpus-per-task=2 --mem=64G
            #SBATCH -t 1-12:00:00
            #SBATCH --array=1-10%2
            #SBATCH --partition=long
            srun ./ocean
            """);

        campaign.ShouldContain("name: ocean.01\n");
        campaign.ShouldContain("members: 10");
        campaign.ShouldContain("    nodes: 4\n    ranks_per_node: 16\n    threads: 2\n    memory: 64G\n    walltime: '1-12:00:00'");
        campaign.ShouldContain("SLURM_ARRAY_TASK_ID={member} bash");
        campaign.ShouldContain("files: 'restart.*'");
    }

    [Theory]
    [InlineData("#PBS -N ocean\n#PBS -l select=2:ncpus=32:mpiprocs=16:mem=8gb\n#PBS -l walltime=08:00:00", "    nodes: 2\n    ranks_per_node: 16\n    threads: 2\n    memory: 8G\n    walltime: '08:00:00'")]
    [InlineData("#BSUB -J ocean\n#BSUB -n 32\n#BSUB -R \"span[ptile=16]\"\n#BSUB -W 8:00", "    nodes: 2\n    ranks_per_node: 16\n    walltime: '8:00:00'")]
    [InlineData("#SBATCH -J ocean\n#SBATCH -n 32 -N 2 -t 90", "    nodes: 2\n    ranks_per_node: 16\n    walltime: '90m'")]
    [InlineData("#SBATCH -Jocean -N2 -n32\n#SBATCH -t01:00:00", "    nodes: 2\n    ranks_per_node: 16\n    walltime: '01:00:00'")]
    [InlineData("#BSUB -J ocean -gpu \"num=1\"\n#BSUB -n32 -W8:00\n#BSUB -R \"span[ptile=16]\"", "    nodes: 2\n    ranks_per_node: 16\n    walltime: '8:00:00'")]
    public async Task So_are_those_of_the_others(string header, string expected)
    {
        var campaign = await ImportAsync(header + "\n./ocean\n");

        campaign.ShouldContain("name: ocean\n");
        campaign.ShouldContain(expected);
    }

    [Theory]
    [InlineData("0-9", "members: 10 ", "SLURM_ARRAY_TASK_ID=$(({member} - 1)) bash")]
    [InlineData("0-99:3%5", "members: 34 ", "SLURM_ARRAY_TASK_ID=$((({member} - 1) * 3)) bash")]
    [InlineData("0,4,7-9", "members: 5 ", "SLURM_ARRAY_TASK_ID=$(echo 0 4 7 8 9 | cut -d'' '' -f{member}) bash")]
    [InlineData("1,4,7-9%2", "members: [1, 4, 7, 8, 9] ", "SLURM_ARRAY_TASK_ID={member} bash")]
    [InlineData("1-3", "members: 3 ", "SLURM_ARRAY_TASK_ID={member} bash")]
    public async Task Indices_of_an_array_stay_what_they_are(string array, string members, string index)
    {
        var campaign = await ImportAsync($"#SBATCH --array={array}\n./ocean\n");

        campaign.ShouldContain(members);
        campaign.ShouldContain(index);
    }

    [Fact]
    public async Task A_script_without_a_header_is_told()
    {
        flight.Write("job.sh", "echo hi\n");

        var (status, _, error) = await flight.CommandAsync("import", "job.sh");

        status.ShouldBe(2);
        error.ShouldContain("has no line that begins with #SBATCH, #PBS or #BSUB");
    }

    private async Task<string> ImportAsync(string script)
    {
        flight.Write("job.sh", script.ReplaceLineEndings("\n"));
        var (status, output, error) = await flight.CommandAsync("import", "job.sh");
        status.ShouldBe(0, output + error);
        return output;
    }

    public void Dispose() => flight.Dispose();
}
