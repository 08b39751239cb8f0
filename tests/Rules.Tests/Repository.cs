namespace BeschutWerk.Rules.Tests;

/// <summary>The folder that this program was built from.</summary>
internal static class Repository
{
    private static readonly string Root = Find(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>A file or folder of it.</summary>
    /// <param name="path">From the top of the repository, such as <c>services/Cli</c>.</param>
    public static string Under(string path) => Path.Combine(Root, path);

    private static string Find(DirectoryInfo folder) =>
        File.Exists(Path.Combine(folder.FullName, "Platform.sln")) ? folder.FullName : Find(folder.Parent!);
}
