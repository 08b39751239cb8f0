using System.Diagnostics;
using System.Text.Json;

namespace BeschutWerk.Platform.Tests.OtherLanguages;

/// <summary>A program of <c>tests/NodeClient</c>: settings go in as JSON, what it saw comes out as JSON.</summary>
internal static class NodeProgram
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    public static readonly string Root = FindRoot();

    public static async Task<JsonElement> RunAsync(string script, object settings)
    {
        var folder = Path.Combine(Root, "tests", "NodeClient");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules")), "run infra/test, or npm install in tests/NodeClient, first");
        using var node = Process.Start(new ProcessStartInfo("node", script)
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(settings));
        node.StandardInput.Close();
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(Longest);
        await node.WaitForExitAsync(limit.Token);
        Assert.True(node.ExitCode == 0, await errors);
        return JsonDocument.Parse(await output).RootElement;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Platform.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
