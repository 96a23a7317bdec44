#include "service/filter_syntax.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/errors.h"
#include "service/validation.h"

namespace almanac::service {
namespace {

using Comparator = FilterNode::Comparator;
using NodeType = FilterNode::Type;

constexpr std::string_view kReserved = "().,:=<>!\"'";

struct Token {
  enum class Type { kEnd, kWord, kString, kComparator, kDot, kComma, kOpen, kClose, kMinus };
  Type type = Type::kEnd;
  std::vector<std::string> parts;  // of a word or a string, at its wildcards
  Comparator comparator = Comparator::kNone;
  std::string source;
  size_t position = 1;
  // Whether white space stands before it.
  bool is_apart = false;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Tokens() {
    std::vector<Token> tokens;
    do {
      const size_t before = at_;
      while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) Advance();
      Token token;
      token.is_apart = at_ > before || before == 0;
      token.position = position_;
      const size_t start = at_;
      if (absl::Status status = ReadToken(&token); !status.ok()) return status;
      token.source = std::string(text_.substr(start, at_ - start));
      tokens.push_back(std::move(token));
    } while (tokens.back().type != Token::Type::kEnd);
    return tokens;
  }

 private:
  void Advance() {
    ++at_;
    while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0) == 0x80) ++at_;
    ++position_;
  }

  absl::Status ReadToken(Token* token) {
    if (at_ == text_.size()) return absl::OkStatus();
    const char c = text_[at_];
    switch (c) {
      case '(':
        return ReadSign(Token::Type::kOpen, token);
      case ')':
        return ReadSign(Token::Type::kClose, token);
      case '.':
        return ReadSign(Token::Type::kDot, token);
      case ',':
        return ReadSign(Token::Type::kComma, token);
      case '"':
      case '\'':
        return ReadString(token);
      case ':':
      case '=':
      case '<':
      case '>':
      case '!':
        return ReadComparator(token);
      default:
        break;
    }
    if (c == '-' && token->is_apart) return ReadSign(Token::Type::kMinus, token);
    return ReadWord(token);
  }

  absl::Status ReadSign(Token::Type type, Token* token) {
    token->type = type;
    Advance();
    return absl::OkStatus();
  }

  absl::Status ReadComparator(Token* token) {
    token->type = Token::Type::kComparator;
    const char c = text_[at_];
    Advance();
    const bool or_equal = at_ < text_.size() && text_[at_] == '=';
    if (c == '!' && !or_equal)
      return FilterError(token->position, "\"!\" must be followed by \"=\"; to deny, write NOT");
    if (c == ':') token->comparator = Comparator::kHas;
    if (c == '=') token->comparator = Comparator::kEqual;
    if (c == '!') token->comparator = Comparator::kNotEqual;
    if (c == '<') token->comparator = or_equal ? Comparator::kLessOrEqual : Comparator::kLess;
    if (c == '>') token->comparator = or_equal ? Comparator::kGreaterOrEqual : Comparator::kGreater;
    if (or_equal && c == '=') return FilterError(token->position, "equality is written \"=\", not \"==\"");
    if (or_equal && c != ':') Advance();
    return absl::OkStatus();
  }

  absl::Status ReadString(Token* token) {
    token->type = Token::Type::kString;
    token->parts = {""};
    const char quote = text_[at_];
    Advance();
    while (at_ < text_.size() && text_[at_] != quote) {
      const bool is_escaped = text_[at_] == '\\';
      if (is_escaped) {
        Advance();
        if (at_ == text_.size()) break;
      }
      ReadCharacter(is_escaped, token);
    }
    if (at_ == text_.size())
      return FilterError(token->position,
                         absl::StrCat("the text that begins here has no closing ", std::string(1, quote)));
    Advance();
    return absl::OkStatus();
  }

  absl::Status ReadWord(Token* token) {
    token->type = Token::Type::kWord;
    token->parts = {""};
    while (at_ < text_.size() && !absl::ascii_isspace(static_cast<unsigned char>(text_[at_])) &&
           kReserved.find(text_[at_]) == kReserved.npos) {
      ReadCharacter(false, token);
    }
    return absl::OkStatus();
  }

  void ReadCharacter(bool is_literal, Token* token) {
    const size_t start = at_;
    Advance();
    if (!is_literal && text_[start] == '*') {
      token->parts.emplace_back();
    } else {
      token->parts.back().append(text_.substr(start, at_ - start));
    }
  }

  const std::string_view text_;
  size_t at_ = 0;
  size_t position_ = 1;
};

// By recursive descent; each function reads one rule of the grammar at the head of what is left.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  absl::StatusOr<FilterNode> Parse() {
    absl::StatusOr<FilterNode> tree = Expression();
    if (!tree.ok()) return tree;
    if (Next().type == Token::Type::kClose) return FilterError(Next().position, "this \")\" closes nothing");
    if (Next().type != Token::Type::kEnd) return Expected("AND, OR or the end");
    return tree;
  }

 private:
  const Token& Next(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }

  bool IsKeyword(std::string_view keyword) const {
    return Next().type == Token::Type::kWord && Next().source == keyword;
  }

  absl::Status Expected(absl::string_view what) const {
    const Token& next = Next();
    if (next.type == Token::Type::kEnd) {
      return FilterError(next.position, absl::StrCat(what, " was expected, and here it ends"));
    }
    return FilterError(next.position,
                       absl::StrCat(what, " was expected, and here stands ", db::Excerpt(next.source, 40)));
  }

  static FilterNode Joined(NodeType type, std::vector<FilterNode> operands) {
    if (operands.size() == 1) return std::move(operands.front());
    FilterNode node;
    node.type = type;
    node.position = operands.front().position;
    node.operands = std::move(operands);
    return node;
  }

  // expression: factor {[AND] factor}
  absl::StatusOr<FilterNode> Expression() {
    std::vector<FilterNode> factors;
    do {
      absl::StatusOr<FilterNode> factor = Factor();
      if (!factor.ok()) return factor;
      factors.push_back(*std::move(factor));
      if (IsKeyword("OR")) return Expected("AND");
      if (IsKeyword("AND")) {
        ++at_;
        continue;
      }
      if (const absl::Status status = CheckKeyword(); !status.ok()) return status;
      if (!BeginsTerm()) break;
    } while (true);
    return Joined(NodeType::kAnd, std::move(factors));
  }

  // factor: term {OR term}
  absl::StatusOr<FilterNode> Factor() {
    std::vector<FilterNode> terms;
    while (true) {
      absl::StatusOr<FilterNode> term = Term();
      if (!term.ok()) return term;
      terms.push_back(*std::move(term));
      if (!IsKeyword("OR")) break;
      ++at_;
    }
    return Joined(NodeType::kOr, std::move(terms));
  }

  // term: [NOT | -] (restriction | "(" expression ")")
  absl::StatusOr<FilterNode> Term() {
    const size_t position = Next().position;
    if (!IsKeyword("NOT") && Next().type != Token::Type::kMinus) return Simple();
    ++at_;
    absl::StatusOr<FilterNode> denied = Simple();
    if (!denied.ok()) return denied;
    FilterNode node;
    node.type = NodeType::kNot;
    node.position = position;
    node.operands.push_back(*std::move(denied));
    return node;
  }

  absl::StatusOr<FilterNode> Simple() {
    if (Next().type != Token::Type::kOpen) return Restriction();
    const size_t position = Next().position;
    if (depth_ == kMaxFilterDepth) {
      return FilterError(position, absl::StrCat("more than ", kMaxFilterDepth, " parentheses are open"));
    }
    ++at_;
    ++depth_;
    absl::StatusOr<FilterNode> inner = Expression();
    if (!inner.ok()) return inner;
    if (Next().type == Token::Type::kEnd) return FilterError(position, "this \"(\" is not closed");
    if (Next().type != Token::Type::kClose) return Expected("AND, OR or \")\"");
    ++at_;
    --depth_;
    return inner;
  }

  // restriction: member [comparator argument]
  absl::StatusOr<FilterNode> Restriction() {
    if (!BeginsMember() || IsKeyword("AND") || IsKeyword("OR") || IsKeyword("NOT")) return Expected("a field");
    if (++comparisons_ > kMaxFilterComparisons) {
      return FilterError(Next().position, absl::StrCat("there are more than ", kMaxFilterComparisons, " comparisons"));
    }
    FilterNode node;
    node.position = Next().position;
    node.is_quoted = Next().type == Token::Type::kString;
    node.path.push_back(absl::StrJoin(Next().parts, "*"));
    ++at_;
    while (Next().type == Token::Type::kDot && !Next().is_apart) {
      ++at_;
      if (!BeginsMember() || Next().is_apart) return Expected("a name after the dot");
      node.path.push_back(absl::StrJoin(Next().parts, "*"));
      ++at_;
    }
    if (Next().type == Token::Type::kOpen && !Next().is_apart) {
      return FilterError(node.position, "a function can only stand behind a comparator, as in release_date < today()");
    }
    if (Next().type != Token::Type::kComparator) return node;
    node.comparator = Next().comparator;
    ++at_;
    absl::StatusOr<FilterValue> value = Argument(0);
    if (!value.ok()) return value.status();
    node.value = *std::move(value);
    return node;
  }

  // argument: text | word {"." word} ["(" [argument {"," argument}] ")"]
  absl::StatusOr<FilterValue> Argument(int depth) {
    FilterValue value;
    value.position = Next().position;
    std::string sign;
    if (Next().type == Token::Type::kMinus) {
      sign = "-";
      ++at_;
    }
    if (!BeginsMember() || (!sign.empty() && Next().is_apart)) return Expected("a value");
    value.is_quoted = Next().type == Token::Type::kString;
    value.parts = Next().parts;
    value.parts.front().insert(0, sign);
    ++at_;
    while (!value.is_quoted && Next().type == Token::Type::kDot && !Next().is_apart) {
      ++at_;
      if (Next().type != Token::Type::kWord || Next().is_apart) return Expected("more after the dot");
      value.parts.back() += "." + Next().parts.front();
      value.parts.insert(value.parts.end(), Next().parts.begin() + 1, Next().parts.end());
      ++at_;
    }
    if (value.is_quoted || Next().type != Token::Type::kOpen || Next().is_apart) return value;
    if (depth > 0) return FilterError(value.position, "a function cannot stand within another's parentheses");
    value.is_call = true;
    ++at_;
    while (Next().type != Token::Type::kClose) {
      absl::StatusOr<FilterValue> argument = Argument(depth + 1);
      if (!argument.ok()) return argument;
      value.arguments.push_back(*std::move(argument));
      if (Next().type == Token::Type::kComma) {
        ++at_;
        if (Next().type == Token::Type::kClose) return Expected("a value");
      } else if (Next().type != Token::Type::kClose) {
        return Expected("\",\" or \")\"");
      }
    }
    ++at_;
    return value;
  }

  // People write the operators small, and then would search for the word.
  absl::Status CheckKeyword() const {
    if (Next().type != Token::Type::kWord) return absl::OkStatus();
    const std::string upper = absl::AsciiStrToUpper(Next().source);
    if (upper != Next().source && (upper == "AND" || upper == "OR" || upper == "NOT")) {
      return FilterError(Next().position, absl::StrCat("write ", upper, " in capitals"));
    }
    return absl::OkStatus();
  }

  bool BeginsMember() const { return Next().type == Token::Type::kWord || Next().type == Token::Type::kString; }
  bool BeginsTerm() const {
    return BeginsMember() || Next().type == Token::Type::kOpen || Next().type == Token::Type::kMinus;
  }

  const std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  int comparisons_ = 0;
};

}  // namespace

std::string FilterValue::text() const { return absl::StrJoin(parts, "*"); }

absl::Status FilterError(size_t position, absl::string_view problem) {
  return db::InvalidField("filter", absl::StrCat("at character ", position, ": ", problem));
}

absl::StatusOr<std::optional<FilterNode>> ParseFilter(std::string_view filter) {
  if (absl::Status valid = CheckText("filter", filter, kMaxFilterCharacters); !valid.ok()) return valid;
  absl::StatusOr<std::vector<Token>> tokens = Lexer(filter).Tokens();
  if (!tokens.ok()) return tokens.status();
  if (tokens->size() == 1) return std::nullopt;
  absl::StatusOr<FilterNode> tree = Parser(*std::move(tokens)).Parse();
  if (!tree.ok()) return tree.status();
  return *std::move(tree);
}

}  // namespace almanac::service
