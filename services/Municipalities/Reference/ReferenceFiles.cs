using System.Globalization;
using CsvHelper;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Municipalities.Reference;

/// <summary>Reads the reference files that come with the program.</summary>
public static class ReferenceFiles
{
    /// <summary>Reads the division from the folder of configuration <c>Reference:Folder</c>, by default <c>reference</c> beside the program.</summary>
    /// <exception cref="InvalidOperationException">A file is missing or not as described.</exception>
    public static Division Division(IConfiguration configuration)
    {
        var folder = configuration["Reference:Folder"] ?? Path.Combine(AppContext.BaseDirectory, "reference");
        return new Division(
            Read(folder, "municipalities.csv", row => new MunicipalityPeriod(
                row.GetField("code")!, row.GetField<DateOnly>("valid_from"), row.GetField<DateOnly?>("valid_to"))),
            Read(folder, "municipality-successors.csv", row => new Succession(
                row.GetField("code")!, row.GetField("successor")!, row.GetField<DateOnly>("date"), KindOf(row))));
    }

    /// <summary>A file from before there were kinds has one successor of each municipality.</summary>
    private static SuccessionKind KindOf(IReaderRow row) =>
        row.TryGetField<string>("kind", out var kind) ? Enum.Parse<SuccessionKind>(kind!, ignoreCase: true) : SuccessionKind.Merge;

    private static List<T> Read<T>(string folder, string file, Func<IReaderRow, T> read)
    {
        var path = Path.Combine(folder, file);
        try
        {
            using var csv = new CsvReader(new StreamReader(path), CultureInfo.InvariantCulture);
            csv.Read();
            csv.ReadHeader();
            var rows = new List<T>();
            while (csv.Read()) rows.Add(read(csv));
            return rows;
        }
        catch (Exception error) when (error is IOException or CsvHelperException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"The reference file {path} cannot be read. Set Reference:Folder to the folder infra/reference of the repository.", error);
        }
    }
}
