using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using CsvHelper.Configuration.Attributes;
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
            Read<PeriodRow>(folder, "municipalities.csv").Select(row => new MunicipalityPeriod(row.Code, row.ValidFrom, row.ValidTo)),
            Read<SuccessionRow>(folder, "municipality-successors.csv").Select(row => new Succession(row.Code, row.Successor, row.Date)));
    }

    private static List<T> Read<T>(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        try
        {
            using var text = new StreamReader(path);
            using var csv = new CsvReader(text, new CsvConfiguration(CultureInfo.InvariantCulture));
            return [.. csv.GetRecords<T>()];
        }
        catch (Exception e) when (e is IOException or CsvHelperException)
        {
            throw new InvalidOperationException(
                $"The reference file {path} cannot be read. Set Reference:Folder to the folder infra/reference of the repository.", e);
        }
    }

    private sealed record PeriodRow(
        [Name("code")] string Code, [Name("valid_from")] DateOnly ValidFrom, [Name("valid_to")] DateOnly? ValidTo);

    private sealed record SuccessionRow(
        [Name("code")] string Code, [Name("successor")] string Successor, [Name("date")] DateOnly Date);
}
