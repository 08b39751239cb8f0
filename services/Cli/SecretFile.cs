using System.Text;

namespace BeschutWerk.Cli;

/// <summary>Files with a secret: for their owner only.</summary>
internal static class SecretFile
{
    private const UnixFileMode OfOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>What stands in it, without the white space around it.</summary>
    /// <exception cref="Failure">It cannot be read, or others may read it.</exception>
    public static string Read(string file)
    {
        try
        {
            // Windows has no modes: there the folder's access list decides.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OfOthers) != 0)
            {
                throw new Failure(ExitCode.OutOfReach, $"{file} holds a secret and others may read it: chmod 600 {file}.");
            }

            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.OutOfReach, $"{file} cannot be read: {error.Message}");
        }
    }

    /// <summary>Makes a new file, so that no other's mode and content stay.</summary>
    /// <exception cref="Failure">It is there already, or cannot be written.</exception>
    public static void Write(string file, string secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OfOwner;
        try
        {
            using var written = new FileStream(file, options);
            written.Write(Encoding.ASCII.GetBytes(secret + "\n"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Usage, $"{file} cannot be written: {error.Message}");
        }
    }
}
