using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace BeschutWerk.Host.Demo.Reference;

/// <summary>A municipality as it existed from <paramref name="ValidFrom"/> up to, not including, <paramref name="ValidTo"/> (null: still).</summary>
public sealed record MunicipalityPeriod(string Code, string Name, string Province, DateOnly ValidFrom, DateOnly? ValidTo, string Origin)
{
    /// <summary>Whether the code existed on a day.</summary>
    public bool ExistedOn(DateOnly day) => ValidFrom <= day && (ValidTo is null || day < ValidTo);
}

/// <summary>One of the 380 municipalities of 15 June 2018, with its labour-market region (1 to 35).</summary>
public sealed record Municipality2018(string Code, string Name, string Province, int LabourMarketRegion, string LabourMarketRegionName, string Origin);

/// <summary>
/// A municipality that is no more from <paramref name="Date"/> on, and one that took over from it; of a split one there is a line
/// for each.
/// </summary>
public sealed record Succession(
    string Code, string Name, string Successor, string SuccessorName, DateOnly Date,
    string Kind, string Origin, string Source, string Remark);

/// <summary>The ministerial regulation of a year, without its rows.</summary>
public sealed record QuotaRegulation(int Year, string CountingUnit, int StatedTotal, DateOnly PublishedOn, DateOnly EffectiveFrom, string Origin, string Source);

/// <summary>A row of a regulation; origin REGULATION (real) or SYNTHETIC (made up to the stated total).</summary>
public sealed record QuotaRow(string Code, int Number, string Origin);

/// <summary>What of the number of a split municipality counts for one of its successors; our own choice, for the reason given.</summary>
public sealed record QuotaShare(int Year, string Code, string Successor, int Number, string Origin, string Reason);

/// <summary>A sw-company and the municipalities that have a contract with it (GM codes separated by spaces).</summary>
public sealed record SwCompany2018(string Id, string Name, int LabourMarketRegion, string Municipalities, string Origin)
{
    /// <summary>GM codes of the municipalities served.</summary>
    public IReadOnlyList<string> Serves { get; } = Municipalities.Split(' ');
}

/// <summary>
/// A figure as published. Either a period or a peildatum; both for a cohort (advised in the period, measured on the peildatum).
/// Municipality empty: the nation. Scenario empty: an actual.
/// </summary>
public sealed record PublishedFigureRow(
    string FigureId, DateOnly? PeriodFrom, DateOnly? PeriodTo, DateOnly? Peildatum, string Municipality, string Requester,
    string Scenario, decimal Value, decimal RoundingStep, string Unit, string Origin, string Source);

/// <summary>What happens in a quarter of the made-up history (see infra/reference/README.md).</summary>
public sealed record QuarterPlan(
    string Quarter, int MunicipalPositive, int MunicipalNegative, int MunicipalUndecided,
    int CitizenPositive, int CitizenNegative, int CitizenUndecided, int Starts, int Ends, int Dropouts,
    int? StartsAdvisedInQuarter, int EndsAdvisedInQuarter, int EndsOnEve, string Origin);

/// <summary>Decided requests of one city over the whole made-up history.</summary>
public sealed record CityPlan(string Municipality, int Positive, int Negative, string Origin);

/// <summary>The project's own reference data, as shipped in <c>infra/reference</c>.</summary>
public sealed record ReferenceData(
    IReadOnlyList<MunicipalityPeriod> MunicipalityPeriods,
    IReadOnlyList<Municipality2018> Municipalities,
    IReadOnlyList<Succession> Successions,
    IReadOnlyList<QuotaRegulation> Regulations,
    IReadOnlyDictionary<int, IReadOnlyList<QuotaRow>> Quotas,
    IReadOnlyList<QuotaShare> Shares,
    IReadOnlyList<SwCompany2018> Companies,
    IReadOnlyList<PublishedFigureRow> Figures,
    IReadOnlyList<QuarterPlan> Plan,
    IReadOnlyList<CityPlan> Cities)
{
    /// <summary>Where the build puts the files: <c>reference/</c> beside the program.</summary>
    public static string DefaultFolder { get; } = Path.Combine(AppContext.BaseDirectory, "reference");

    /// <summary>The number of each municipality of the letter in a year; rows of dissolved ones count for who took over.</summary>
    public IReadOnlyDictionary<string, int> NumbersIn(int year)
    {
        var numbers = Municipalities.ToDictionary(municipality => municipality.Code, _ => 0);
        foreach (var row in Quotas[year])
        {
            if (numbers.ContainsKey(row.Code)) numbers[row.Code] += row.Number;
            else foreach (var (successor, number) in Parts(year, row)) numbers[successor] += number;
        }

        return numbers;
    }

    /// <summary>All those of the letter are one succession away from a row: no municipality was dissolved twice until then.</summary>
    private IEnumerable<(string Successor, int Number)> Parts(int year, QuotaRow row)
    {
        var successions = Successions.Where(succession => succession.Code == row.Code).ToList();
        return successions.Count == 1
            ? [(successions[0].Successor, row.Number)]
            : Shares.Where(share => share.Year == year && share.Code == row.Code).Select(share => (share.Successor, share.Number));
    }

    /// <summary>Reads all files of a folder. Throws when one is missing or a line does not fit its columns.</summary>
    public static ReferenceData Load(string folder)
    {
        var regulations = Read<QuotaRegulation>(folder, "quota-regulations.csv");
        return new(
            Read<MunicipalityPeriod>(folder, "municipalities.csv"),
            Read<Municipality2018>(folder, "municipalities-2018.csv"),
            Read<Succession>(folder, "municipality-successors.csv"),
            regulations,
            regulations.ToDictionary(r => r.Year, r => (IReadOnlyList<QuotaRow>)Read<QuotaRow>(folder, $"quota-{r.Year}.csv")),
            Read<QuotaShare>(folder, "quota-shares.csv"),
            Read<SwCompany2018>(folder, "sw-companies-2018.csv"),
            Read<PublishedFigureRow>(folder, "published-figures.csv"),
            Read<QuarterPlan>(folder, "demo-history.csv"),
            Read<CityPlan>(folder, "demo-cities.csv"));
    }

    /// <summary>Opens one file; the caller disposes it.</summary>
    internal static CsvReader Open(string path) => new(new StreamReader(path), new CsvConfiguration(CultureInfo.InvariantCulture)
    {
        // Columns are snake_case, as everywhere outside C#.
        PrepareHeaderForMatch = header => header.Header.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant(),
    });

    private static List<T> Read<T>(string folder, string file)
    {
        using var csv = Open(Path.Combine(folder, file));
        return csv.GetRecords<T>().ToList();
    }
}
