using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Host.Demo.History;

/// <summary>Made-up persons.</summary>
internal static class Identities
{
    // Far above the numbers that have been given out.
    private const int FirstBsnWithoutCheckDigit = 90_000_001;

    private static readonly string[] GivenNames =
    [
        "Alba", "Brent", "Cato", "Daan", "Elin", "Fedde", "Gijs", "Hanne", "Imre", "Jorn", "Kyra", "Lotte", "Merel", "Niels",
        "Olaf", "Puck", "Quirijn", "Roos", "Sietse", "Teun", "Ule", "Veerle", "Wietske", "Xander", "Yara", "Zeger",
        "Amir", "Bilal", "Dilara", "Farah", "Kenza", "Mirza", "Noor", "Samira", "Tarik", "Zohra",
    ];

    private static readonly string[] Beginnings =
        ["Aarde", "Berken", "Dauw", "Eiken", "Gras", "Heide", "Kiezel", "Linde", "Maan", "Noorder", "Oever", "Regen", "Sterren", "Vlier", "Wilgen", "Zilver"];

    private static readonly string[] Endings =
        ["bank", "berg", "brug", "dam", "dijk", "hof", "kamp", "meer", "poort", "rand", "sloot", "stein", "tuin", "veen", "weide", "zicht"];

    private static readonly Benefit[] BeforeTheObligation =
        [Benefit.Participatiewet, Benefit.Participatiewet, Benefit.Participatiewet, Benefit.Participatiewet, Benefit.Participatiewet, Benefit.None, Benefit.None, Benefit.Anw];

    private static readonly Benefit[] SinceTheObligation =
        [Benefit.Participatiewet, Benefit.Participatiewet, Benefit.Participatiewet, Benefit.Participatiewet, Benefit.Participatiewet, Benefit.None, Benefit.None, Benefit.Wajong, Benefit.Wia, Benefit.Ww];

    private static readonly CandidateSource[] WithoutBenefit =
        [CandidateSource.Vso, CandidateSource.Vso, CandidateSource.Pro, CandidateSource.Pro, CandidateSource.Entree, CandidateSource.Ggz, CandidateSource.Vgn, CandidateSource.Dagbesteding];

    /// <summary>Citizen service numbers in ascending order that pass the eleven-test, each once.</summary>
    public static IEnumerable<string> Bsns()
    {
        for (var number = FirstBsnWithoutCheckDigit; ; number++)
        {
            var digits = number.ToString("D8");
            var check = digits.Select((digit, i) => (digit - '0') * (9 - i)).Sum() % 11;
            if (check < 10) yield return digits + check;
        }
    }

    public static string DrawName(SplitMix random) => $"{random.One(GivenNames)} {random.One(Beginnings)}{random.One(Endings)}";

    /// <summary>Between 18 and 59 years old on the day of receipt, young more often than old.</summary>
    public static DateOnly DrawBirthDate(DateOnly received, SplitMix random) =>
        received.AddYears(-18 - Math.Min(random.Between(0, 40), random.Between(0, 40))).AddDays(-random.Between(1, 364));

    public static Benefit DrawBenefit(DateOnly received, SplitMix random) =>
        random.One(received.Year < 2017 ? BeforeTheObligation : SinceTheObligation);

    public static CandidateSource DrawSource(Requester requester, Benefit benefit, SplitMix random) => (requester, benefit) switch
    {
        (Requester.Citizen, _) => CandidateSource.Self,
        (_, Benefit.Participatiewet) => CandidateSource.Bijstand,
        (_, Benefit.None or Benefit.Anw) => random.One(WithoutBenefit),
        _ => CandidateSource.UwvBenefit,
    };
}
